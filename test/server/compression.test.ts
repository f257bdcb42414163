import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { after, describe, it } from 'node:test'
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import { encodingFor } from '../../src/server/http/compression.ts'
import { TestServer } from '../support/test-server.ts'

const hark = await TestServer.start({ server: { corsOrigins: ['https://app.example'] } })
after(() => hark[Symbol.asyncDispose]())

const LARGE = '{ __schema { types { name fields { name } } } }'
const SMALL = '{ head }'

interface Sent {
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

/** Unlike fetch, does not decompress. */
const send = async (body: unknown, accept?: string): Promise<Sent> => {
  const headers = { 'content-type': 'application/json', ...(accept !== undefined && { 'accept-encoding': accept }) }
  const sent = request(`${hark.url}/graphql`, { method: 'POST', headers, agent: false }).end(JSON.stringify(body))
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  return { headers: response.headers, body: await buffer(response) }
}

describe('an answer', () => {
  it('is compressed as the client accepts', async () => {
    const plain = await send({ query: LARGE })
    assert.equal(plain.headers['content-encoding'], undefined)
    for (const [accept, encoding, decompress] of [
      ['gzip, deflate', 'gzip', gunzipSync],
      ['gzip, deflate, br', 'br', brotliDecompressSync],
      ['gzip, deflate, br, zstd', 'zstd', zstdDecompressSync],
    ] as const) {
      const { headers, body } = await send({ query: LARGE }, accept)
      assert.equal(headers['content-encoding'], encoding)
      assert.equal(Number(headers['content-length']), body.length)
      assert.ok(body.length < plain.body.length / 2, `${body.length} of ${plain.body.length} bytes`)
      assert.equal(decompress(body).toString(), plain.body.toString())
    }
  })

  it('to a batch is compressed, too', async () => {
    const { headers, body } = await send([{ query: LARGE }], 'gzip')
    assert.equal(headers['content-encoding'], 'gzip')
    assert.ok(JSON.parse(gunzipSync(body).toString())[0].data)
  })

  it('that is small is sent as it is', async () => {
    const { headers, body } = await send({ query: SMALL }, 'gzip, br')
    assert.equal(headers['content-encoding'], undefined)
    assert.match(body.toString(), /^\{"data":\{"head":/)
  })

  it('varies by encoding for caches, compressed or not, and by origin', async () => {
    for (const accept of ['gzip', undefined])
      assert.match(String((await send({ query: LARGE }, accept)).headers.vary), /^Origin, accept-encoding$/i)
  })
})

describe('encodingFor', () => {
  it('prefers zstd to brotli to gzip, and rejects what the client does not accept', () => {
    assert.equal(encodingFor('gzip, br, zstd'), 'zstd')
    assert.equal(encodingFor('gzip;q=1.0, br;q=0.5'), 'br')
    assert.equal(encodingFor('zstd;q=0, br'), 'br')
    assert.equal(encodingFor('br;q=0, gzip'), 'gzip')
    assert.equal(encodingFor('br; q=0.0'), undefined)
    assert.equal(encodingFor('identity'), undefined)
    assert.equal(encodingFor(''), undefined)
  })
})
