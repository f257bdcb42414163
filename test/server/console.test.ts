import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { after, describe, test } from 'node:test'
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { credentials } from '../support/credentials.ts'
import { TestServer } from '../support/test-server.ts'

const SCRIPT = 'console.log("console")'
const PAGE = '<!doctype html><script type="module" src="/assets/index-1a2b.js"></script>'

const folder = mkdtempSync(join(tmpdir(), 'hark-console-'))
const build = join(folder, 'console')
mkdirSync(join(build, 'assets'), { recursive: true })
writeFileSync(join(folder, 'secret.txt'), 'secret')
writeFileSync(join(build, 'index.html'), PAGE)
writeFileSync(join(build, 'assets', '.hidden'), 'hidden')
for (const [suffix, compress] of [
  ['', Buffer.from],
  ['.br', brotliCompressSync],
  ['.gz', gzipSync],
] as const)
  writeFileSync(join(build, 'assets', `index-1a2b.js${suffix}`), compress(SCRIPT))

const given = await credentials()
given.make('root', 'admin')
const hark = await TestServer.start({ server: { authenticator: given.authenticator, consoleFolder: build } })
const unbuilt = await TestServer.start({ server: { consoleFolder: join(folder, 'missing') } })
after(async () => {
  for (const server of [hark, unbuilt]) await server[Symbol.asyncDispose]()
  given.dispose()
  rmSync(folder, { recursive: true })
})

/** Sends the path as it is: fetch resolves its dots. */
const send = async (path: string, method = 'GET') => {
  const { hostname, port } = new URL(hark.url)
  const sent = request({ hostname, port, path, method }).end()
  const [response] = await once(sent, 'response')
  response.resume()
  return { status: response.statusCode, headers: response.headers }
}

const bodyOf = async (path: string, encodings = 'identity') => {
  const sent = request(`${hark.url}${path}`, { headers: { 'accept-encoding': encodings } }).end()
  const [response] = await once(sent, 'response')
  return { encoding: response.headers['content-encoding'], body: await buffer(response) }
}

describe('the console', () => {
  for (const path of [
    '/',
    '/network',
    '/listeners',
    '/listeners/west/back.end',
    '/sites',
    '/sites/west',
    '/audit?at=1',
    '/login',
  ]) {
    test(`is the page at ${path}, without a token`, async () => {
      const { status, headers, text } = await hark.get(path)
      assert.equal(status, 200)
      assert.equal(text, PAGE)
      assert.match(headers.get('content-type') ?? '', /^text\/html/)
      assert.equal(headers.get('cache-control'), 'no-cache')
    })
  }

  test('has a policy without inline scripts and eval', async () => {
    const { headers } = await hark.get('/')
    const policy = headers.get('content-security-policy') ?? ''
    for (const part of ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"])
      assert.ok(policy.split('; ').includes(part), part)
    assert.doesNotMatch(policy, /unsafe|\*|blob:|data:/)
    assert.equal(headers.get('x-content-type-options'), 'nosniff')
  })

  test('has assets that are cached for ever, and compressed by the build', async () => {
    const { status, headers } = await hark.get('/assets/index-1a2b.js')
    assert.equal(status, 200)
    assert.equal(headers.get('cache-control'), 'public, max-age=31536000, immutable')
    assert.match(headers.get('content-type') ?? '', /javascript/)
    for (const [accepted, encoding, decompress] of [
      ['gzip, br', 'br', brotliDecompressSync],
      ['gzip', 'gzip', gunzipSync],
      ['identity', undefined, (body: Buffer) => body],
    ] as const) {
      const sent = await bodyOf('/assets/index-1a2b.js', accepted)
      assert.equal(sent.encoding, encoding)
      assert.equal(decompress(sent.body).toString(), SCRIPT)
    }
  })

  test('responds to HEAD', async () => {
    for (const path of ['/', '/listeners/west/backend', '/assets/index-1a2b.js']) {
      const { status, headers } = await send(path, 'HEAD')
      assert.equal(status, 200, path)
      assert.ok(Number(headers['content-length']) > 0, path)
    }
  })

  const OUTSIDE = [
    '/assets/../../secret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/assets/%2e%2e/%2e%2e/secret.txt',
    '/assets/..%5c..%5csecret.txt',
    '/assets//etc/passwd',
    '/assets/.hidden',
    '/assets/',
    '/assets',
    '/assets/missing.js',
    '/index.html',
    '/listeners/west',
    '/listeners/west/backend/more',
    '/sites/west/x',
  ]
  for (const path of OUTSIDE) {
    test(`has nothing at ${path}`, async () => {
      assert.equal((await send(path)).status, 404)
    })
  }

  test('explains how to build it if the build is missing', async () => {
    for (const path of ['/', '/listeners/west/backend']) {
      const { status, headers, text } = await unbuilt.get(path)
      assert.equal(status, 503)
      assert.match(headers.get('content-type') ?? '', /^text\/plain/)
      assert.match(text, /npm run build:console/)
    }
    assert.equal((await unbuilt.get('/assets/index-1a2b.js')).status, 404)
  })
})
