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
const counting = (now?: () => number) => {
  const decoder = { bytes: 0, decode: (_: Buffer): Message => assert.fail() }
  decoder.decode = cachingBodies(encoded => {
    decoder.bytes += encoded.length
    return decode(encoded)
  }, now)
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

  it('counts a binary within a body by its bytes', () => {
    const decoder = counting()
    const body = encode({ body: { file: Buffer.alloc(1 << 20, 7), name: 'a' } })
    const first = decoder.decode(body)
    assert.equal(decoder.decode(body).body, first.body)
  })

  describe('with more bodies than it keeps', () => {
    /** Bodies that are all received again and again, as those of many idle routers. */
    const MANY = 200
    const bodies = Array.from({ length: MANY }, (_, router) => response('1', row => `${router}-${row}`))

    it('keeps those it has, rather than displacing each by the next', () => {
      const decoder = counting()
      for (const body of bodies) decoder.decode(body)
      const all = decoder.bytes
      for (const body of bodies) decoder.decode(body)
      assert.ok(decoder.bytes - all < 0.95 * all, `${decoder.bytes - all} of ${all} bytes were decoded again`)
    })

    it('gives up those that were not received for ten seconds', () => {
      let time = 0
      const decoder = counting(() => time)
      for (const body of bodies) decoder.decode(body)
      const last = bodies.at(-1) as Buffer
      assert.notEqual(decoder.decode(last).body, decoder.decode(last).body)
      time = 10_000
      decoder.decode(last)
      assert.equal(decoder.decode(last).body, decoder.decode(last).body)
    })

    it('counts what is made of a body: empty lists take fifty times their encoding', () => {
      const lists = (count: number): Buffer => encode({ body: Array.from({ length: count }, () => []) })
      const decoder = counting()
      const kept = lists(100_000)
      assert.equal(decoder.decode(kept).body, decoder.decode(kept).body)
      const hostile = lists(600_000)
      assert.notEqual(decoder.decode(hostile).body, decoder.decode(hostile).body)
      assert.equal(decoder.decode(kept).body, decoder.decode(kept).body)
    })
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
