import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import { decorateStore } from '../../src/event-store/decorate-store.ts'
import { type EventStore, NO_STREAM, type SubscribeOptions } from '../../src/event-store/event-store.ts'
import { openSqliteEventStore } from '../../src/event-store/sqlite/store.ts'
import { CheckpointStore } from '../../src/integrity/checkpoints/checkpoint-store.ts'
import { Checkpointer } from '../../src/integrity/checkpoints/checkpointer.ts'
import { chainedStore } from '../../src/integrity/hash-chain/hash-chained-store.ts'
import { all } from '../contract/event-store/events.ts'
import { silentLogger } from '../fakes/silent-logger.ts'
import { eventually } from '../support/eventually.ts'
import { SignedLog } from '../support/signed-log.ts'

const NEVER_MS = 1_000_000_000

/** Never at the end of the log. */
const catchingUp = (store: EventStore): EventStore =>
  decorateStore(store, {
    async *subscribe(options: SubscribeOptions) {
      for await (const batch of store.subscribe(options)) yield { ...batch, live: false }
    },
  })

const append = (store: EventStore) => {
  const metadata = { schemaVersion: 1, actor: 'alice', via: 'cli' as const, correlationId: randomUUID() }
  return store.append('listener-west.z', NO_STREAM, [{ id: randomUUID(), type: 'PortUpdated', data: {}, metadata }])
}

describe('Checkpointer.close', () => {
  it('waits five seconds for a signer that still reads the log, and signs all', async t => {
    await using log = await SignedLog.create()
    const unchained = openSqliteEventStore({ file: log.eventFile })
    const store = chainedStore(catchingUp(unchained))
    await append(store)
    const { checkpointFile, keys } = log
    const warnings: object[] = []
    const logger = { ...silentLogger, warn: (details: object) => void warnings.push(details) }
    const checkpointer = new Checkpointer({ store, keys, checkpointFile, everyMs: NEVER_MS, logger })
    checkpointer.start()
    const { timeout } = AbortSignal
    const limits: number[] = []
    t.mock.method(AbortSignal, 'timeout', (milliseconds: number) => {
      limits.push(milliseconds)
      return timeout.call(AbortSignal, milliseconds)
    })
    // The key is read meanwhile.
    await eventually(() => checkpointer.canSign)
    assert.equal(checkpointer.status.isSigning, false)
    await checkpointer.close()
    assert.deepEqual(limits, [5000])
    assert.deepEqual(warnings, [])
    await store.close()
  })

  it('waits as long for a signer that has not loaded its state yet, and signs all', async t => {
    await using log = await SignedLog.create()
    await log.fill()
    const store = chainedStore(openSqliteEventStore({ file: log.eventFile }))
    await append(store)
    const { checkpointFile, keys } = log
    const warnings: object[] = []
    const logger = { ...silentLogger, warn: (details: object) => void warnings.push(details) }
    const whenServed = () => Promise.withResolvers<void>().promise
    const checkpointer = new Checkpointer({ store, keys, checkpointFile, everyMs: NEVER_MS, whenServed, logger })
    checkpointer.start()
    const second = new AbortController()
    t.mock.method(AbortSignal, 'timeout', (milliseconds: number) =>
      milliseconds === 1000 ? second.signal : new AbortController().signal,
    )
    const { heads } = CheckpointStore.prototype
    t.mock.method(CheckpointStore.prototype, 'heads', function (this: CheckpointStore, from: number, most: number) {
      second.abort()
      return heads.call(this, from, most)
    })
    await checkpointer.close()
    assert.deepEqual(warnings, [])
    const [last] = await all(store.readAll({ direction: 'backward', limit: 1 }))
    assert.equal(last?.type, 'CheckpointSigned')
    await store.close()
  })
})
