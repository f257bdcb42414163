import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { canonicalJson } from '../../schemas/canonical-json.ts'
import type { RecordedEvent } from '../../schemas/events/recorded-event.ts'
import { decorateStore } from '../../src/event-store/decorate-store.ts'
import {
  type EventStore,
  type EventToAppend,
  NO_STREAM,
  type SubscribeOptions,
} from '../../src/event-store/event-store.ts'
import { openSqliteEventStore } from '../../src/event-store/sqlite/store.ts'
import { CheckpointSigner, MAX_UNSIGNED_EVENTS } from '../../src/integrity/checkpoints/checkpoint-signer.ts'
import { CheckpointStore } from '../../src/integrity/checkpoints/checkpoint-store.ts'
import { type CheckpointData, checkpointSigned } from '../../src/integrity/checkpoints/events.ts'
import { type ChainedStore, chainedStore } from '../../src/integrity/hash-chain/hash-chained-store.ts'
import type { SigningKey } from '../../src/integrity/keys/signing-key.ts'
import { all } from '../contract/event-store/events.ts'
import { eventually } from '../support/eventually.ts'
import { SignedLog } from '../support/signed-log.ts'

const CHECKPOINTS = 'audit-checkpoints'
const STREAM = 'listener-west.a'
const NEVER_MS = 1_000_000_000

const newEvent = (): EventToAppend => ({
  id: randomUUID(),
  type: 'PortUpdated',
  data: {},
  metadata: { schemaVersion: 1, actor: 'alice', via: 'cli', correlationId: randomUUID() },
})

const lastCheckpoint = async (store: EventStore): Promise<RecordedEvent> => {
  const events = await all(store.readStream(CHECKPOINTS))
  return events.findLast(({ type }) => type === 'CheckpointSigned') as RecordedEvent
}

interface Running {
  readonly signer: CheckpointSigner
  readonly store: ChainedStore
  readonly checkpoints: CheckpointStore
  /** How the run ended: undefined until then and if it was aborted. */
  error(): Error | undefined
  /** Resolves when the run has ended. */
  readonly ended: Promise<void>
}

interface SignOptions {
  readonly everyMs?: number
  readonly servedTo?: () => number | undefined
  readonly whenServed?: () => Promise<void>
  readonly decorate?: (store: ChainedStore) => ChainedStore
  readonly onError?: (details: object, message: string) => void
}

/** Runs a signer on the log for as long as `work` takes. */
const sign = async (
  log: SignedLog,
  {
    everyMs = NEVER_MS,
    servedTo = () => undefined,
    whenServed = async () => {},
    decorate = store => store,
    onError = () => {},
  }: SignOptions,
  work: (running: Running) => Promise<void>,
): Promise<void> => {
  const store = decorate(chainedStore(openSqliteEventStore({ file: log.eventFile })))
  const checkpoints = new CheckpointStore(log.checkpointFile)
  const logger = { debug() {}, warn() {}, error: onError }
  const signer = new CheckpointSigner({ store, keys: log.keys, checkpoints, everyMs, servedTo, whenServed, logger })
  const abort = new AbortController()
  let error: Error | undefined
  const ended = signer.run(abort.signal).catch((reason: Error) => {
    error = reason
  })
  try {
    await work({ signer, store, checkpoints, error: () => error, ended })
  } finally {
    abort.abort()
    await ended
    checkpoints.close()
    await store.close()
  }
}

const live = ({ signer }: Running): Promise<void> => eventually(() => signer.isSigning)

const newest = ({ checkpoints }: Running) => checkpoints.newest

/** Replaces the append of checkpoints. */
const withAppend =
  (append: (store: ChainedStore, ...args: Parameters<EventStore['append']>) => ReturnType<EventStore['append']>) =>
  (store: ChainedStore): ChainedStore =>
    Object.assign(
      decorateStore(store, {
        append: (...[stream, revision, events]: Parameters<EventStore['append']>) =>
          events[0]?.type === 'CheckpointSigned'
            ? append(store, stream, revision, events)
            : store.append(stream, revision, events),
      }),
      { hashOf: (event: RecordedEvent) => store.hashOf(event) },
    )

const signal = new AbortController().signal

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

  it('accepts a checkpoint that another engine signs after its own', async () => {
    await using log = await SignedLog.create()
    await sign(log, {}, async running => {
      await live(running)
      await running.store.append(STREAM, NO_STREAM, [newEvent()])
      await running.signer.signUpTo(2, signal)
      const own = newest(running)
      assert.equal(own?.events, 2)
      const logger = { debug() {}, warn() {}, error() {} }
      const checkpoints = new CheckpointStore(`${log.folder}/other.db`)
      const other = new CheckpointSigner({ ...running, keys: log.keys, checkpoints, everyMs: NEVER_MS, logger })
      const abort = new AbortController()
      const ended = other.run(abort.signal)
      await running.store.append(STREAM, 0, [newEvent()])
      await other.signUpTo(4, signal)
      await eventually(() => newest(running)?.events === 4 || running.error() !== undefined)
      assert.equal(running.error(), undefined)
      abort.abort()
      await ended
      checkpoints.close()
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

  it('rejects a checkpoint over more events than precede it', async () => {
    await using log = await SignedLog.create()
    await log.fill()
    const { data, position } = await log.withStore(lastCheckpoint)
    const { keyId: _, signature: __, time: ___, ...signed } = data as CheckpointData
    const forged = checkpointSigned({ ...signed, events: 999 }, log.keys.read() as SigningKey, new Date())
    log.damage(`UPDATE events SET data = '${canonicalJson(forged.data)}' WHERE position = ${position}`)
    await rm(log.checkpointFile)
    await sign(log, {}, async ({ ended, error }) => {
      await ended
      assert.match(error()?.message ?? '', /covers 999 events, but another number precedes it/)
    })
  })

  it('ends with a conflict if another engine appends to the checkpoint stream first', async () => {
    await using log = await SignedLog.create()
    const decorate = withAppend(async (store, stream, revision, events) => {
      await store.append(stream, revision, [{ ...newEvent(), type: 'SigningKeyIntroduced', data: { newKeyId: 'x' } }])
      return store.append(stream, revision, events)
    })
    await sign(log, { decorate }, async running => {
      await live(running)
      await running.store.append(STREAM, NO_STREAM, [newEvent()])
      await assert.rejects(running.signer.signUpTo(2, signal))
      await running.ended
      assert.equal(running.error()?.name, 'CheckpointConflict')
      assert.equal(running.signer.isSigning, false)
    })
  })

  it('ends with a conflict if a checkpoint of another engine arrives while its own is appended', async () => {
    await using log = await SignedLog.create()
    const release = Promise.withResolvers<void>()
    const decorate = withAppend(async (store, stream, revision, events) => {
      const appended = await store.append(stream, revision, [{ ...(events[0] as EventToAppend), id: randomUUID() }])
      await release.promise
      return appended
    })
    await sign(log, { decorate }, async running => {
      await live(running)
      await running.store.append(STREAM, NO_STREAM, [newEvent()])
      const signing = running.signer.signUpTo(2, signal)
      await eventually(() => running.error() !== undefined)
      assert.equal(running.error()?.name, 'CheckpointConflict')
      release.resolve()
      await signing
    })
  })

  it('continues if its own checkpoint arrives before the append returns', async () => {
    await using log = await SignedLog.create()
    let release = Promise.withResolvers<void>()
    const decorate = withAppend(async (store, stream, revision, events) => {
      const appended = await store.append(stream, revision, events)
      await release.promise
      return appended
    })
    await sign(log, { decorate }, async running => {
      await live(running)
      await running.store.append(STREAM, NO_STREAM, [newEvent()])
      const signing = running.signer.signUpTo(2, signal)
      // Delivered behind the checkpoint: the signer has received that by then.
      await eventually(async () => (await all(running.store.readStream(CHECKPOINTS))).length === 2)
      await running.store.append(STREAM, 0, [newEvent()])
      await new Promise(resolve => setTimeout(resolve, 20))
      assert.equal(newest(running), undefined)
      release.resolve()
      await signing
      assert.equal(newest(running)?.id, (await lastCheckpoint(running.store)).id)
      release = Promise.withResolvers()
      release.resolve()
      await running.signer.signUpTo(4, signal)
      assert.equal(newest(running)?.events, 4)
      assert.equal(running.error(), undefined)
    })
  })

  it('signs nothing before it has read the checkpoints that the log has', async () => {
    await using log = await SignedLog.create()
    await log.fill()
    await rm(log.checkpointFile)
    const rest = Promise.withResolvers<void>()
    const decorate = (store: ChainedStore): ChainedStore =>
      Object.assign(
        decorateStore(store, {
          async *subscribe(options: SubscribeOptions) {
            for await (const { events, position, live } of store.subscribe(options)) {
              const [first, ...others] = events
              yield { events: first ? [first] : [], position: first?.position ?? position, live: true }
              await rest.promise
              yield { events: others, position, live }
            }
          },
        }),
        { hashOf: (event: RecordedEvent) => store.hashOf(event) },
      )
    const before = await log.withStore(store => all(store.readAll()))
    await sign(log, { decorate }, async running => {
      await running.signer.signUpTo(1, signal)
      assert.equal((await all(running.store.readAll())).length, before.length)
      rest.resolve()
      await running.signer.signUpTo(before.length, signal)
      assert.equal(running.error(), undefined)
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
