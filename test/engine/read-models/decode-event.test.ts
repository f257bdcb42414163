import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import { canonical } from '../../../schemas/canonical-json.ts'
import type { RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { newEvent } from '../../../src/engine/commands/event-metadata.ts'
import { decodeEvent, markAsMade } from '../../../src/engine/read-models/decode-event.ts'
import { StoreCorrupted } from '../../../src/event-store/event-store.ts'

const caller = { actor: 'alice', via: 'graphql' as const, correlationId: randomUUID() }

const recorded = (data: object, time = '2026-11-23T10:00:00.000Z'): RecordedEvent => ({
  position: 1,
  stream: 'listener-west.a',
  revision: 0,
  id: randomUUID(),
  type: 'ListenerDeleted',
  time,
  data,
  metadata: { schemaVersion: 1, actor: 'alice', correlationId: randomUUID() },
})

describe('decodeEvent', () => {
  it('checks data that was read, even if it equals data made here', () => {
    const data = { namespace: 'west' }
    markAsMade(data)
    assert.equal(decodeEvent(recorded(data))?.data, data)
    assert.throws(() => decodeEvent(recorded({ ...data })), StoreCorrupted)
  })

  it('does not check data of an event made here, in whatever order, once the hash chain has it', () => {
    const { data } = newEvent({ type: 'ListenerDeleted', data: { uid: 'u', namespace: 'west' } as never }, { caller })
    const linked = canonical(data).value
    assert.equal(decodeEvent(recorded(linked))?.data, linked)
  })

  it('rejects an invalid time after a valid one', () => {
    const data = { namespace: 'west', name: 'a', uid: 'u' }
    assert.equal(decodeEvent(recorded(data))?.type, 'ListenerDeleted')
    for (const time of ['', 'yesterday', 17 as unknown as string])
      assert.throws(() => decodeEvent(recorded(data, time)), /its time is invalid/)
  })
})
