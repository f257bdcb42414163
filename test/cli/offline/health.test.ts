import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { freePort } from '../../contract/router/fixtures.ts'
import { runInProcess } from '../hark.ts'

describe('hark health', () => {
  /** Responses by path; other paths get none. */
  let answers: Record<string, { status: number; body: string }> = {}
  const server = createServer(({ url = '' }, response) => {
    const answer = answers[url]
    if (answer !== undefined) response.writeHead(answer.status).end(answer.body)
  })
  let port: string
  before(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening')
    port = String((server.address() as AddressInfo).port)
  })
  after(() => {
    server.closeAllConnections()
    server.close()
  })
  const health = (args: readonly string[] = [], env: NodeJS.ProcessEnv = { HARK_PORT: port }) =>
    runInProcess(['health', ...args], { env })

  it('exits with 0 for a healthy engine of the same settings', async () => {
    answers = { '/healthz': { status: 200, body: '{"alive":true}' } }
    for (const outcome of [
      await health(),
      await health([], { HARK_PORT: port, HARK_HOST: '0.0.0.0' }),
      await health(['--port', port], {}),
    ])
      assert.deepEqual(outcome, { status: 0, stdout: '{"alive":true}\n', stderr: '' })
  })

  it('exits with 1 and the reasons of an unhealthy engine', async () => {
    answers = { '/healthz': { status: 503, body: '{"alive":false,"reason":"no"}' } }
    const { status, stderr } = await health()
    assert.deepEqual(
      { status, stderr },
      { status: 1, stderr: 'error: {"alive":false,"reason":"no"} (HTTP status 503)\n' },
    )
  })

  it('checks readiness with --ready', async () => {
    answers = {
      '/healthz': { status: 200, body: '{"alive":true}' },
      '/readyz': { status: 503, body: '{"ready":false}' },
    }
    assert.equal((await health()).status, 0)
    assert.equal((await health(['--ready'])).status, 1)
  })

  it('asks the engine of --server, HARK_SERVER or a context, unless a flag names a setting', async () => {
    answers = {
      '/below/healthz': { status: 200, body: '{"alive":true}' },
      '/healthz': { status: 503, body: '{"alive":false}' },
    }
    const server = `http://127.0.0.1:${port}/below`
    const folder = mkdtempSync(join(tmpdir(), 'hark-health-'))
    mkdirSync(join(folder, 'hark'))
    writeFileSync(join(folder, 'hark', 'config.yaml'), `contexts: { below: { server: "${server}" } }\n`)
    const contexts = { XDG_CONFIG_HOME: folder }
    const statuses = await Promise.all(
      [
        health(['--server', server], {}),
        health([], { HARK_SERVER: server, HARK_PORT: '1' }),
        health(['--context', 'below'], contexts),
        health([], { ...contexts, HARK_CONTEXT: 'below' }),
        health(['--port', port], { HARK_SERVER: server }),
        health(['--port', port, '--server', server], {}),
      ].map(async outcome => (await outcome).status),
    )
    rmSync(folder, { recursive: true })
    assert.deepEqual(statuses, [0, 0, 0, 0, 1, 2])
  })

  it('exits with 3 if another program answers', async () => {
    for (const body of ['<html></html>', '{}', '{"status":"ok"}', '{"alive":"yes"}', '{"ready":true}', 'null', '[]']) {
      answers = { '/healthz': { status: 200, body } }
      const { status, stdout, stderr } = await health()
      assert.deepEqual([status, stdout], [3, ''], body)
      assert.match(stderr, /^error: no engine responds at port \d+ of 127\.0\.0\.1 \(HTTP status 200\)\n$/)
    }
  })

  it('exits with 4 after the time limit', async () => {
    answers = {}
    const { status, stderr } = await health(['--timeout', '50ms'])
    assert.equal(status, 4)
    assert.match(stderr, /^error: no response at port \d+ of 127\.0\.0\.1 within 0\.05 s\n$/)
  })

  it('exits with 3 without an answer, and with 2 for port 0', async () => {
    assert.equal((await health(['--port', String(await freePort())])).status, 3)
    assert.equal((await health(['--port', '0'])).status, 2)
  })
})
