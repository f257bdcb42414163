import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import rhea, { type Message } from 'rhea'
import { cachingBodies } from '../../src/router/amqp/body-cache.ts'

const { encode, decode } = rhea.message as unknown as {
  encode(message: Partial<Message>): Buffer
  decode(encoded: Buffer): Message
}

const ROWS = 2000

const response = (correlationId: string, statusOf: (row: number) => string = () => 'up'): Buffer =>
  encode({
    correlation_id: correlationId,
    application_properties: { statusCode: 200, statusDescription: 'OK' },
    body: {
      attributeNames: ['name', 'operStatus'],
      results: Array.from({ length: ROWS }, (_, row) => [`listener/${row}`, statusOf(row)]),
    },
  })

const plain = (message: Message): unknown => JSON.parse(JSON.stringify(message))

/** Decodes, and counts the bytes that were decoded. */
const counting = () => {
  const decoder = { bytes: 0, decode: (_: Buffer): Message => assert.fail() }
  decoder.decode = cachingBodies(encoded => {
    decoder.bytes += encoded.length
    return decode(encoded)
  })
  return decoder
}

describe('cachingBodies', () => {
  it('decodes equal bodies once, whatever precedes them', () => {
    const decoder = counting()
    const first = decoder.decode(response('1'))
    const decoded = decoder.bytes
    const second = decoder.decode(response('12345'))
    assert.equal(second.body, first.body)
    assert.deepEqual(plain(second), plain(decode(response('12345'))))
    assert.ok(decoder.bytes - decoded < 200, `${decoder.bytes - decoded} bytes were decoded again`)
  })

  it('decodes a body of the same length that differs in one byte', () => {
    const { decode: shared } = counting()
    shared(response('1'))
    const changed = response('1', row => (row === ROWS - 1 ? 'uq' : 'up'))
    assert.deepEqual(plain(shared(changed)), plain(decode(changed)))
  })

  it('decodes small bodies each time', () => {
    const small = encode({ correlation_id: '1', body: { name: 'a' } })
    const { decode: shared } = counting()
    assert.notEqual(shared(small).body, shared(small).body)
  })

  it('decodes bodies of data sections as before', () => {
    const data = encode({ body: rhea.message.data_section(Buffer.alloc(ROWS * 20, 'x')) })
    const { decode: shared } = counting()
    for (let time = 0; time < 2; time += 1) assert.deepEqual(plain(shared(data)), plain(decode(data)))
  })

  it('leaves messages that are cut off to the decoder', () => {
    const whole = response('1')
    const outcome = (decoder: (encoded: Buffer) => Message, encoded: Buffer): unknown => {
      try {
        return plain(decoder(encoded))
      } catch (error) {
        return String(error)
      }
    }
    const { decode: shared } = counting()
    shared(whole)
    for (const end of [...Array(120).keys(), 16_000, 20_000, whole.length - 1]) {
      const encoded = whole.subarray(0, end)
      assert.deepEqual(outcome(shared, encoded), outcome(decode, encoded))
    }
  })
})
