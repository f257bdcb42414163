import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { canonicalJson } from '../../schemas/canonical-json.ts'
import type { RecordedEvent } from '../../schemas/events/recorded-event.ts'
import { decorateStore } from '../../src/event-store/decorate-store.ts'
import { type EventToAppend, NO_STREAM, type SubscribeOptions } from '../../src/event-store/event-store.ts'
import { CheckpointSigner } from '../../src/integrity/checkpoints/checkpoint-signer.ts'
import { CheckpointStore } from '../../src/integrity/checkpoints/checkpoint-store.ts'
import { type CheckpointData, checkpointSigned } from '../../src/integrity/checkpoints/events.ts'
import type { ChainedStore } from '../../src/integrity/hash-chain/hash-chained-store.ts'
import type { SigningKey } from '../../src/integrity/keys/signing-key.ts'
import { all } from '../contract/event-store/events.ts'
import { eventually } from '../support/eventually.ts'
import { SignedLog } from '../support/signed-log.ts'
import {
  CHECKPOINTS,
  lastCheckpoint,
  live,
  NEVER_MS,
  newEvent,
  newest,
  STREAM,
  sign,
  signal,
  withAppend,
} from './running-signer.ts'

describe('CheckpointSigner beside checkpoints of other engines', () => {
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
})
