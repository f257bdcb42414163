import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { canonicalJson } from '../../schemas/canonical-json.ts'
import type { RecordedEvent } from '../../schemas/events/recorded-event.ts'
import { decorateStore } from '../../src/event-store/decorate-store.ts'
import { NO_STREAM, type SubscribeOptions } from '../../src/event-store/event-store.ts'
import { openSqliteEventStore } from '../../src/event-store/sqlite/store.ts'
import { MAX_UNSIGNED_EVENTS } from '../../src/integrity/checkpoints/checkpoint-signer.ts'
import { CheckpointStore } from '../../src/integrity/checkpoints/checkpoint-store.ts'
import { type CheckpointData, checkpointSigned } from '../../src/integrity/checkpoints/events.ts'
import type { ChainedStore } from '../../src/integrity/hash-chain/hash-chained-store.ts'
import type { SigningKey } from '../../src/integrity/keys/signing-key.ts'
import { all } from '../contract/event-store/events.ts'
import { eventually } from '../support/eventually.ts'
import { SignedLog } from '../support/signed-log.ts'
import { lastCheckpoint, live, newEvent, newest, STREAM, sign, signal } from './running-signer.ts'

describe('CheckpointSigner', () => {
  it('signs when as many events wait as it may keep in memory', async () => {
    await using log = await SignedLog.create()
    await sign(log, {}, async running => {
      await live(running)
      const before = running.checkpoints.newest?.events ?? 0
      const batch = 2000
      for (let count = 0; count < MAX_UNSIGNED_EVENTS; count += batch)
        await running.store.append(STREAM, count - 1, Array.from({ length: batch }, newEvent))
      await eventually(() => (running.checkpoints.newest?.events ?? 0) >= before + MAX_UNSIGNED_EVENTS)
    })
  })

  it('loads the hashes of all streams once requests are served, or when it is asked to sign', async t => {
    await using log = await SignedLog.create()
    const streams = 450
    const append = async (store: ChainedStore, name: string): Promise<number> =>
      (await store.append(`listener-west.${name}`, NO_STREAM, [newEvent()])).position
    await sign(log, {}, async ({ signer, store }) => {
      let last = 0
      for (let stream = 0; stream < streams; stream += 1) last = await append(store, `a${stream}`)
      assert.ok(await signer.signUpTo(last, signal))
    })
    const { mock: loading } = t.mock.method(CheckpointStore.prototype, 'heads')
    const served = Promise.withResolvers<void>()
    await sign(log, { whenServed: () => served.promise }, async running => {
      await append(running.store, 'b')
      assert.equal(loading.callCount(), 0)
      served.resolve()
      await live(running)
      assert.ok(loading.callCount() > 1)
    })
    await sign(
      log,
      { whenServed: () => Promise.withResolvers<void>().promise },
      async ({ signer, store, checkpoints }) => {
        const last = await append(store, 'c')
        assert.ok(await signer.signUpTo(last, signal))
        assert.ok((checkpoints.newest?.events ?? 0) > streams)
      },
    )
  })

  it('lets other work run between the events of a batch while it catches up', async () => {
    await using log = await SignedLog.create()
    const events = 900
    let [turn, isOver] = [0, false]
    const count = (): void => {
      turn += 1
      if (!isOver) setImmediate(count)
    }
    const turns = new Set<number>()
    const watched = (store: ChainedStore): ChainedStore =>
      Object.assign(
        decorateStore(store, {
          async *subscribe(options: SubscribeOptions) {
            const appended = await all(store.readAll())
            yield { events: appended, position: appended.at(-1)?.position ?? 0, live: false }
            yield* store.subscribe({ ...options, after: appended.at(-1)?.position ?? 0 })
          },
        }),
        {
          hashOf: (event: RecordedEvent) => {
            turns.add(turn)
            return store.hashOf(event)
          },
        },
      )
    const store = openSqliteEventStore({ file: log.eventFile })
    await store.append(STREAM, NO_STREAM, Array.from({ length: events }, newEvent))
    await store.close()
    count()
    await sign(log, { decorate: watched, servedTo: () => events }, live)
    isOver = true
    assert.ok(turns.size >= 5, `${events} events in ${turns.size} turns`)
  })

  it('signs new events at its interval and then nothing more', async () => {
    await using log = await SignedLog.create()
    await sign(log, { everyMs: 5 }, async running => {
      // The key is introduced, and signed.
      await eventually(() => running.checkpoints.newest !== undefined)
      const before = running.checkpoints.newest?.events ?? 0
      await running.store.append(STREAM, NO_STREAM, [newEvent()])
      await eventually(() => (running.checkpoints.newest?.events ?? 0) > before)
      const signed = newest(running)
      assert.ok(running.signer.signedAt !== undefined)
      await running.store.append('lease-west', NO_STREAM, [newEvent()])
      await running.signer.signUpTo((await all(running.store.readAll())).length, signal)
      await new Promise(resolve => setTimeout(resolve, 30))
      assert.deepEqual(newest(running), signed)
    })
  })

  it('signs again and again while it catches up, before its own checkpoints arrive', async () => {
    await using log = await SignedLog.create()
    const release = Promise.withResolvers<void>()
    const decorate = (store: ChainedStore): ChainedStore =>
      Object.assign(
        decorateStore(store, {
          async *subscribe({ after }: SubscribeOptions) {
            for (let batch = 0; batch < 3; batch += 1) {
              const events = Array.from({ length: MAX_UNSIGNED_EVENTS }, (_, index) => {
                const revision = batch * MAX_UNSIGNED_EVENTS + index
                const position = after + 1 + revision
                return { ...newEvent(), stream: STREAM, revision, position, time: '' }
              })
              yield { events, position: after + (batch + 1) * MAX_UNSIGNED_EVENTS, live: false }
            }
            await release.promise
          },
        }),
        { hashOf: () => 'f'.repeat(64) },
      )
    await sign(log, { decorate }, async running => {
      await eventually(() => newest(running)?.events === 3 * MAX_UNSIGNED_EVENTS || running.error() !== undefined)
      assert.equal(running.error(), undefined)
      release.resolve()
    })
  })

  it('identifies the log by the first event that checkpoints cover', async () => {
    await using log = await SignedLog.create()
    const [imported] = await log.withStore(async store => {
      await store.append('store-imports', NO_STREAM, [newEvent()])
      await store.append(STREAM, NO_STREAM, [newEvent()])
      return all(store.readStream(STREAM))
    }, 'write')
    await sign(log, {}, async running => {
      await live(running)
      assert.equal(running.checkpoints.firstEvent, imported?.id)
    })
  })

  for (const [what, change] of [
    ['another root', { root: 'f'.repeat(64) }],
    ['another log hash', { logHash: 'f'.repeat(64) }],
  ] as const)
    it(`rejects a log with ${what} in a checkpoint that is signed correctly`, async () => {
      await using log = await SignedLog.create()
      await log.fill()
      const { data, position } = await log.withStore(lastCheckpoint)
      const { keyId: _, signature: __, time: ___, ...signed } = data as CheckpointData
      const forged = checkpointSigned({ ...signed, ...change }, log.keys.read() as SigningKey, new Date())
      log.damage(`UPDATE events SET data = '${canonicalJson(forged.data)}' WHERE position = ${position}`)
      await rm(log.checkpointFile)
      await sign(log, {}, async ({ ended, error }) => {
        await ended
        assert.equal(error()?.name, 'TamperDetected')
        assert.match(error()?.message ?? '', /the log does not match checkpoint/)
      })
    })

  it('reports a missing key, and signs nothing without it', async () => {
    await using log = await SignedLog.create()
    await log.fill()
    await rm(`${log.folder}/signing-key.pem`)
    const errors: string[] = []
    const before = await log.withStore(store => all(store.readAll()))
    await sign(log, { everyMs: 5, onError: (_, message) => errors.push(message) }, async running => {
      await running.store.append('listener-west.new', NO_STREAM, [newEvent()])
      assert.equal(await running.signer.signUpTo(before.length + 1, signal), false)
      assert.equal(running.signer.isSigning, false)
      assert.match(errors.join(), /^no checkpoints are signed: the signing key of this log is missing/)
      assert.equal((await all(running.store.readAll())).length, before.length + 1)
    })
  })

  it('gives up waiting for a position when the signal aborts', async () => {
    await using log = await SignedLog.create()
    await sign(log, {}, async running => {
      await live(running)
      assert.equal(await running.signer.signUpTo(1000, AbortSignal.timeout(10)), false)
    })
  })
})
