import assert from 'node:assert/strict'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { Agent, get } from 'node:https'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { DEFAULT_LIMITS } from '../../src/config/limits.ts'
import { InvalidSettings, loadSettings } from '../../src/config/load.ts'
import { createServer } from '../../src/server/server.ts'
import { Output, run, runInProcess, start } from '../cli/hark.ts'
import { silentLogger } from '../fakes/silent-logger.ts'
import { eventually } from '../support/eventually.ts'
import { scratchFolder } from '../support/scratch-folder.ts'
import { TestServer } from '../support/test-server.ts'

const file = (name: string): string => fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url))
const [CA, CERTIFICATE, KEY] = ['ca.crt', 'router.crt', 'router.key'].map(file) as [string, string, string]

let folder: Awaited<ReturnType<typeof scratchFolder>>
before(async () => {
  folder = await scratchFolder()
})
after(() => folder[Symbol.asyncDispose]())

/** Sends a request as a client that trusts the authority. */
const ask = async (url: string, path: string, ca = CA, agent?: Agent) => {
  const [response] = await once(get(`${url}${path}`, { ca: readFileSync(ca), ...(agent && { agent }) }), 'response')
  const port: number = response.socket.localPort
  return { headers: new Headers(response.headers), text: await text(response), port }
}

describe('an engine with a certificate', () => {
  test('serves TLS only, to the command line as well', async () => {
    const tls = ['--tls', `certificate=${CERTIFICATE}`, '--tls', `key=${KEY}`]
    const child = start(['serve', '--port', '0', '--data', folder.path, '--log-level', 'warn', ...tls])
    const ended = once(child, 'close')
    const [, url = ''] = await new Output(child.stdout!).until(/"graphql":"(https:[^"]+)\/graphql"/)

    const { headers, text } = await ask(url, '/healthz')
    assert.equal(text, '{"alive":true}')
    assert.match(headers.get('strict-transport-security') ?? '', /^max-age=31536000$/)
    await assert.rejects(ask(url, '/healthz', file('other-ca.crt')), { code: /CERT|SIGNATURE/ })
    await assert.rejects(fetch(`${url.replace('https', 'http')}/healthz`))

    const port = new URL(url).port
    const probe = await runInProcess(['health', '--port', port, ...tls])
    assert.deepEqual(probe, { status: 0, stdout: '{"alive":true}\n', stderr: '' })
    assert.equal((await runInProcess(['health', '--port', port])).status, 3)

    const known = { HARK_SERVER: url, NODE_EXTRA_CA_CERTS: CA }
    assert.equal((await run(['create', 'listener', 'backend', '80'], { env: known })).status, 0)
    const watching = start(['get', 'listeners', '-w'], { env: known })
    await new Output(watching.stdout!).until(/^backend/m)
    watching.kill()

    const { status, stderr } = await runInProcess(['get', 'listeners'], { env: { HARK_SERVER: url } })
    assert.equal(status, 3)
    assert.match(
      stderr,
      /^error: the certificate of https:\/\/127\.0\.0\.1:\d+ is not trusted: .*NODE_EXTRA_CA_CERTS.*\n$/,
    )
    child.kill()
    await ended
  })

  test('gives new connections the certificate of changed files on SIGHUP, and keeps open ones', async () => {
    const data = join(folder.path, 'reloading')
    const [certificate, key] = [join(folder.path, 'tls.crt'), join(folder.path, 'tls.key')]
    const put = (name: string): void => {
      copyFileSync(file(`${name}.crt`), certificate)
      copyFileSync(file(`${name}.key`), key)
    }
    put('router')
    const tls = ['--tls', `certificate=${certificate}`, '--tls', `key=${key}`]
    const child = start(['serve', '--port', '0', '--data', data, ...tls])
    const ended = once(child, 'close')
    const log = new Output(child.stderr!)
    const [, url = ''] = await new Output(child.stdout!).until(/"graphql":"(https:[^"]+)\/graphql"/)
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const overOpen = () => ask(url, '/metrics', CA, agent)
    const nameOfCertificate = async (): Promise<string> => {
      const socket = connectTls({ host: '127.0.0.1', port: Number(new URL(url).port), rejectUnauthorized: false })
      await once(socket, 'secureConnect')
      const { CN } = socket.getPeerCertificate().subject
      socket.destroy()
      return String(CN)
    }
    const { port } = await overOpen()
    const before = await nameOfCertificate()

    put('hark')
    child.kill('SIGHUP')
    await log.until(/"use":"server".*"files were read again"/)
    assert.notEqual(await nameOfCertificate(), before)
    const { text: metrics, port: stillOpen } = await overOpen()
    assert.equal(stillOpen, port)
    assert.match(metrics, /^hark_reload_successful\{use="server",namespace=""\} 1$/m)
    assert.match(metrics, /^hark_tls_certificate_expiry_timestamp_seconds\{use="server",namespace=""\} 49\d{8}$/m)

    copyFileSync(file('router.key'), key)
    child.kill('SIGHUP')
    await log.until(/"use":"server".*key values mismatch.*"changed files cannot be used/)
    assert.notEqual(await nameOfCertificate(), before)
    const { text: failed } = await overOpen()
    assert.match(failed, /^hark_reload_successful\{use="server",namespace=""\} 0$/m)
    assert.match(failed, /^hark_reload_failures_total\{use="server",namespace=""\} 1$/m)
    agent.destroy()
    child.kill()
    await ended
  })

  test('replaces the certificate of localhost by each of its addresses', async () => {
    const pair = (name: string) => ({
      certificate: readFileSync(file(`${name}.crt`), 'utf8'),
      key: readFileSync(file(`${name}.key`), 'utf8'),
    })
    await using engine = await TestServer.start()
    const server = createServer({ engine: engine.engine, logger: silentLogger, tls: pair('router') })
    const port = Number(new URL(await server.listen({ host: 'localhost', port: 0 })).port)
    const serial = async (host: string): Promise<string> => {
      const socket = connectTls({ host, port, servername: 'localhost', rejectUnauthorized: false })
      await once(socket, 'secureConnect')
      const { serialNumber } = socket.getPeerCertificate()
      socket.destroy()
      return serialNumber
    }
    const addresses = await lookup('localhost', { all: true })
    const serials = () => Promise.all(addresses.map(({ address }) => serial(address)))
    const before = await serials()
    server.replaceTls(pair('hark'))
    const after = await serials()
    assert.deepEqual(new Set(before).size, 1)
    assert.deepEqual(new Set(after).size, 1)
    assert.notEqual(before[0], after[0])
    await server.close()
  })

  test('closes connections without a TLS handshake', async () => {
    const [certificate, key] = [CERTIFICATE, KEY].map(name => readFileSync(name, 'utf8')) as [string, string]
    const limits = { ...DEFAULT_LIMITS, headersSeconds: 1 }
    await using hark = await TestServer.start({ server: { tls: { certificate, key }, limits } })
    const port = Number(new URL(hark.url).port)
    const silent = connect(port, '127.0.0.1')
    assert.equal(await text(silent), '')
    const plain = connect(port, '127.0.0.1').on('error', () => undefined)
    plain.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')
    assert.doesNotMatch(await text(plain).catch(() => ''), /HTTP/)
    await eventually(async () => (await ask(hark.url, '/metrics')).text.includes('{limit="headersSeconds"} 1\n'))
  })
})

describe('--tls', () => {
  const faults = (certificate: string, key: string): readonly string[] => {
    const tls = [`certificate=${certificate}`, `key=${key}`]
    try {
      loadSettings({ data: folder.path, tls }, {})
    } catch (error) {
      assert.ok(error instanceof InvalidSettings)
      return error.lines
    }
    return []
  }

  test('rejects files that are missing, empty or no certificate and its key', () => {
    assert.deepEqual(faults(CERTIFICATE, KEY), [])
    const garbage = join(folder.path, 'garbage.pem')
    writeFileSync(garbage, 'garbage')
    assert.match(
      faults('/nowhere/tls.crt', KEY)[0] ?? '',
      /^tls\.certificate: \/nowhere\/tls\.crt cannot be read: ENOENT/,
    )
    assert.match(faults(CERTIFICATE, folder.path)[0] ?? '', /^tls\.key: \S+ cannot be read: EISDIR/)
    const empty = join(folder.path, 'empty.pem')
    writeFileSync(empty, '\n')
    assert.deepEqual(faults(empty, KEY), [`tls.certificate: ${empty} is empty`])
    for (const [certificate, key] of [
      [CERTIFICATE, file('hark.key')],
      [garbage, KEY],
      [CERTIFICATE, garbage],
    ] as const) {
      const [line = '', ...more] = faults(certificate, key)
      assert.ok(line.startsWith(`tls: ${certificate} and ${key} must be a certificate and its key (PEM): `), line)
      assert.deepEqual(more, [])
    }
  })

  test('stops the start with an invalid pair', async () => {
    const tls = ['--tls', `certificate=${CERTIFICATE}`, '--tls', `key=${file('hark.key')}`]
    const { status, stderr } = await runInProcess(['serve', '--port', '0', '--data', join(folder.path, 'none'), ...tls])
    assert.equal(status, 2)
    assert.match(
      stderr,
      /^error: tls: \S+router\.crt and \S+hark\.key must be a certificate and its key \(PEM\): .*\n$/,
    )
  })

  test('requires certificate and key', async () => {
    const args = ['serve', '--port', '0', '--data', join(folder.path, 'none'), '--tls', `certificate=${CERTIFICATE}`]
    const { status, stderr } = await runInProcess(args)
    assert.deepEqual(
      { status, stderr },
      { status: 2, stderr: 'error: --tls.key: is missing: the path of a file is required\n' },
    )
  })
})
