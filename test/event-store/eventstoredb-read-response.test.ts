import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { EventMetadata } from '../../schemas/events/recorded-event.ts'
import { SentEvents } from '../../src/event-store/eventstoredb/appending/sent-events.ts'
import { decodeReadResponse } from '../../src/event-store/eventstoredb/subscribing/read-response.ts'
import { type SerializedEvent, serializeAppend } from '../../src/event-store/validate-append.ts'
import * as messages from '../fakes/eventstoredb/messages.ts'
import fc from '../support/fast-check.ts'

const bytesOf = (message: { serializeBinary(): Uint8Array }): Buffer => Buffer.from(message.serializeBinary())

const record = {
  id: crypto.randomUUID(),
  type: 'ListenerCreated',
  contentType: 'application/json',
  position: 0,
  stream: 'listener-west.a',
  revision: 0,
  createdMs: 0,
  data: Buffer.from('{}'),
  metadata: Buffer.from(''),
}

describe('decodeReadResponse', () => {
  it('returns what was encoded', () => {
    const anyRecord = fc.record({
      id: fc.uuid(),
      type: fc.string(),
      stream: fc.string({ unit: 'grapheme', minLength: 1 }),
      position: fc.maxSafeNat(),
      revision: fc.maxSafeNat(),
      createdMs: fc.nat(4_102_444_800_000),
      data: fc.dictionary(fc.string(), fc.jsonValue({ noUnicodeString: false })),
      metadata: fc.dictionary(fc.string(), fc.jsonValue()),
    })
    fc.assert(
      fc.property(anyRecord, ({ data, metadata, ...given }) => {
        const json = (value: unknown) => Buffer.from(JSON.stringify(value))
        const sent = { ...record, ...given, data: json(data), metadata: json(metadata) }
        assert.deepEqual(decodeReadResponse(bytesOf(messages.eventMessage(sent))), {
          kind: 'event',
          event: {
            streamId: given.stream,
            id: given.id,
            type: given.type,
            revision: given.revision,
            position: { commit: given.position },
            created: new Date(given.createdMs),
            data: JSON.parse(JSON.stringify(data)),
            metadata: JSON.parse(JSON.stringify(metadata)),
          },
        })
      }),
      { numRuns: 100 },
    )
  })

  it('returns what was sent itself, once, if it is read back unchanged', () => {
    const parts = { data: { name: 'a' }, metadata: { actor: 'b' } as EventMetadata }
    // As the hash chain serializes it.
    const json = { data: '{"name":"a"}', metadata: '{"actor":"b"}' }
    const event = { id: record.id, type: record.type, ...parts, json }
    const read = (changes: Partial<typeof record> = {}) => {
      const sentEvents = new SentEvents()
      sentEvents.add(serializeAppend(record.stream, [event]))
      const bytes = bytesOf(
        messages.eventMessage({
          ...record,
          data: Buffer.from(json.data),
          metadata: Buffer.from(json.metadata),
          ...changes,
        }),
      )
      return [decodeReadResponse(bytes, sentEvents), decodeReadResponse(bytes, sentEvents)].map(message =>
        message.kind === 'event' ? message.event : undefined,
      )
    }
    const [first, second] = read()
    assert.ok(first?.data === event.data && first.metadata === event.metadata)
    assert.ok(second?.data !== event.data)
    assert.deepEqual(second, first)
    const [damaged] = read({ data: Buffer.from('{"name":"c"}') })
    assert.deepEqual([damaged?.data, damaged?.metadata], [{ name: 'c' }, event.metadata])
    const [other] = read({ id: crypto.randomUUID() })
    assert.ok(other?.data !== event.data)
  })

  it('still takes over what was sent after an event was sent often', () => {
    const metadata = { actor: 'b' } as EventMetadata
    const [often, once] = [{ text: 'x'.repeat(900_000) }, { name: 'a' }].map(data =>
      serializeAppend(record.stream, [{ id: crypto.randomUUID(), type: record.type, data, metadata }]),
    )
    const sentEvents = new SentEvents()
    for (let time = 0; time < 12; time += 1) sentEvents.add(often!)
    sentEvents.add(once!)
    const [{ event, data, metadata: text }] = once as [SerializedEvent]
    assert.equal(sentEvents.take(event.id, data, text)?.data, event.data)
    assert.ok(sentEvents.remove(often![0]!.event.id))
  })

  it('returns text that is not JSON, and bytes of another type, as they are', () => {
    const eventOf = (changes: Partial<typeof record>) => {
      const message = decodeReadResponse(bytesOf(messages.eventMessage({ ...record, ...changes })))
      return message.kind === 'event' ? message.event : undefined
    }
    assert.equal(eventOf({ data: Buffer.from('{') })?.data, '{')
    assert.deepEqual(eventOf({ contentType: 'application/octet-stream' })?.data, Buffer.from('{}'))
    assert.deepEqual(eventOf({ metadata: Buffer.from('{') })?.metadata, Buffer.from('{'))
    assert.equal(eventOf({})?.metadata, undefined)
  })

  it('cuts the time to milliseconds without rounding', () => {
    const sent = messages.eventMessage(record)
    sent.getEvent()!.getEvent()!.getMetadataMap().set('created', '17960289445149999')
    const message = decodeReadResponse(bytesOf(sent))
    assert.equal(message.kind === 'event' && message.event?.created.getTime(), 1_796_028_944_514)
  })

  it('returns the other messages of a subscription', () => {
    assert.deepEqual(decodeReadResponse(bytesOf(messages.confirmationMessage())), { kind: 'confirmation' })
    assert.deepEqual(decodeReadResponse(bytesOf(messages.caughtUpMessage())), { kind: 'caughtUp' })
    assert.deepEqual(decodeReadResponse(bytesOf(messages.checkpointMessage(2 ** 40))), {
      kind: 'checkpoint',
      position: 2 ** 40,
    })
    assert.deepEqual(decodeReadResponse(bytesOf(messages.streamNotFoundMessage('a'))), { kind: 'other' })
  })

  it('rejects a truncated message', () => {
    const bytes = bytesOf(messages.checkpointMessage(2 ** 40))
    for (let length = 3; length < bytes.length; length += 1)
      assert.throws(() => decodeReadResponse(bytes.subarray(0, length)), RangeError)
  })
})
