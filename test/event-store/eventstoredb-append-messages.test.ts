import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import shared from '@eventstore/db-client/generated/shared_pb.js'
import statuses from '@eventstore/db-client/generated/status_pb.js'
import streams from '@eventstore/db-client/generated/streams_pb.js'
import { NO_STREAM } from '../../src/event-store/event-store.ts'
import { encodeAppendRequest } from '../../src/event-store/eventstoredb/appending/append-request.ts'
import { AppendRejected, decodeAppendResponse } from '../../src/event-store/eventstoredb/appending/append-response.ts'
import { serializeAppend } from '../../src/event-store/validate-append.ts'
import fc from '../support/fast-check.ts'

const ID = '6fb6e3d4-37bb-4a4f-8c2e-0f2b2d9a7a11'

const anyText = fc.string({ unit: 'binary' })
const anyEvent = fc.record({
  id: fc.uuid(),
  type: anyText,
  data: fc.dictionary(anyText, anyText),
  metadata: fc.record({ schemaVersion: fc.constant(1), actor: anyText, correlationId: fc.uuid() }),
})

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

describe('encodeAppendRequest', () => {
  it('writes what the client reads', () => {
    const anyAppend = fc.record({
      stream: fc.string({ unit: 'grapheme', minLength: 1 }).map(name => `listener-${name}`),
      expectedRevision: fc.oneof(fc.constant(NO_STREAM), fc.maxSafeNat(), fc.nat(300)),
      events: fc.array(anyEvent, { minLength: 1, maxLength: 5 }),
    })
    fc.assert(
      fc.property(anyAppend, ({ stream, expectedRevision, events }) => {
        const request = { stream, expectedRevision, events: serializeAppend(stream, events) }
        const read = streams.BatchAppendReq.deserializeBinary(encodeAppendRequest(ID, request))
        assert.equal(read.getCorrelationId()?.getString(), ID)
        assert.equal(read.getIsFinal(), true)
        const options = read.getOptions()!
        assert.equal(textOf(options.getStreamIdentifier()!.getStreamName_asU8()), stream)
        assert.equal(options.hasNoStream(), expectedRevision === NO_STREAM)
        if (expectedRevision !== NO_STREAM) assert.equal(options.getStreamPosition(), String(expectedRevision))
        const proposed = read.getProposedMessagesList().map(message => ({
          id: message.getId()?.getString(),
          type: message.getMetadataMap().get('type'),
          contentType: message.getMetadataMap().get('content-type'),
          data: JSON.parse(textOf(message.getData_asU8())),
          metadata: JSON.parse(textOf(message.getCustomMetadata_asU8())),
        }))
        const expected = JSON.parse(JSON.stringify(events)) as object[]
        assert.deepEqual(
          proposed,
          expected.map(event => ({ ...event, contentType: 'application/json' })),
        )
      }),
      { numRuns: 200 },
    )
  })

  it('writes the time of an imported event into its metadata', () => {
    const metadata = { schemaVersion: 1, actor: 'alice', correlationId: ID }
    const event = { id: ID, type: 'PortUpdated', data: {}, metadata, time: '2026-01-01T00:00:00.000Z' }
    const request = {
      stream: 'listener-west.a',
      expectedRevision: 0,
      events: serializeAppend('listener-west.a', [event]),
    }
    const [message] = streams.BatchAppendReq.deserializeBinary(
      encodeAppendRequest(ID, request),
    ).getProposedMessagesList()
    assert.deepEqual(JSON.parse(textOf(message!.getCustomMetadata_asU8())), { ...metadata, recordedAt: event.time })
  })
})

const response = () => new streams.BatchAppendResp().setCorrelationId(new shared.UUID().setString(ID))
const success = (revision: number) => new streams.BatchAppendResp.Success().setCurrentRevision(String(revision))
const decoded = (message: { serializeBinary(): Uint8Array }) =>
  decodeAppendResponse(Buffer.from(message.serializeBinary()))

describe('decodeAppendResponse', () => {
  it('returns revision and position of the last event', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.maxSafeNat(), (revision, position) => {
        const at = new shared.AllStreamPosition().setCommitPosition(`${position}`).setPreparePosition('1')
        assert.deepEqual(decoded(response().setSuccess(success(revision).setPosition(at))), {
          correlationId: ID,
          result: { revision, position },
        })
      }),
      { numRuns: 100 },
    )
  })

  it('returns no position if the server has none', () => {
    const without = success(7).setNoPosition(new shared.Empty())
    assert.deepEqual(decoded(response().setSuccess(without)).result, { revision: 7, position: undefined })
  })

  it('returns the error of a rejected append', () => {
    const { correlationId, result } = decoded(response().setError(new statuses.Status().setMessage('no')))
    assert.equal(correlationId, ID)
    assert.ok(result instanceof AppendRejected)
    assert.equal(result.status.getMessage(), 'no')
  })

  it('rejects a response without an outcome', () => {
    assert.throws(() => decoded(response()), { name: 'RangeError', message: /without an outcome/ })
  })

  it('rejects a position beyond 2^53 − 1', () => {
    const at = new shared.AllStreamPosition().setCommitPosition(`${2n ** 53n}`).setPreparePosition('0')
    assert.throws(() => decoded(response().setSuccess(success(0).setPosition(at))), RangeError)
  })
})
