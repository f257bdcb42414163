import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { ServedHark } from '../support/process/served-hark.ts'
import { scratchFolder } from '../support/scratch-folder.ts'
import { Output, runInProcess, start, startInProcess } from './hark.ts'

let folder: Awaited<ReturnType<typeof scratchFolder>>
before(async () => {
  folder = await scratchFolder()
})
after(() => folder[Symbol.asyncDispose]())

/** Starts an engine with a data folder of this name, on a port that is free. */
const serve = async (data: string) => {
  const child = start(['serve', '--port', '0', '--data', join(folder.path, data), '--log-level', 'warn'])
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>
  const [stdout, stderr] = [new Output(child.stdout!), new Output(child.stderr!)]
  const [, url] = await stdout.until(/"graphql":"(http:[^"]+)\/graphql"/)
  return { child, ended, stdout, stderr, url: url as string }
}

describe('serve', () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`prints its URLs, serves, and shuts down on ${signal}`, async () => {
      const { child, ended, stdout, stderr, url } = await serve(signal)
      assert.ok(stdout.text.includes(`"console":"${url}/"`))
      for (const path of ['/healthz', '/metrics']) {
        assert.ok(stdout.text.includes(`${url}${path}`))
        assert.equal((await fetch(`${url}${path}`)).status, 200)
      }
      const env = { HARK_SERVER: url }
      assert.equal((await runInProcess(['create', 'listener', 'backend', '80'], { env })).status, 0)
      const metrics = await (await fetch(`${url}/metrics`)).text()
      for (const metric of ['hark_store_bytes', 'hark_read_models_bytes', 'hark_listener_ready{.*name="backend"}'])
        assert.match(metrics, new RegExp(`^${metric} \\d`, 'm'))
      assert.doesNotMatch(metrics, /^hark_(store|read_models)_bytes 0$/m)
      child.kill(signal)
      assert.deepEqual(await ended, [0, null])
      assert.equal(stderr.text, '')
    })
  }

  it('prints level and time of its lines as words with --log-format words', async () => {
    await using folder = await scratchFolder()
    const { stdout, status, abort } = startInProcess([
      ...['serve', '--port', '0', '--data', folder.path],
      ...['--log-format', 'words'],
    ])
    await stdout.until(/^\{"level":"info","time":"\d{4}-\S+Z","pid":\d+,"msg":"Hark is running"/)
    abort()
    await status
  })

  it('ends immediately on a second signal', async () => {
    const { child, ended, url } = await serve('again')
    // A request that never ends keeps an engine from closing for some seconds.
    const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined)
    socket.write(
      'POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n{',
    )
    // The engine has begun to handle the request.
    await once(socket, 'data')
    const tell = setInterval(() => child.kill('SIGINT'), 100)
    const [status] = await ended
    clearInterval(tell)
    socket.destroy()
    assert.equal(status, 130)
  })

  it('rejects a port or a data folder in use', async () => {
    await using hark = await ServedHark.start(['--data', join(folder.path, 'first')])
    const { port } = new URL(hark.url)
    const second = join(folder.path, 'second')
    assert.deepEqual(await runInProcess(['serve', '--port', port, '--data', second]), {
      status: 1,
      stdout: '',
      stderr: `error: port ${port} on 127.0.0.1 is in use: stop the program that listens there, or choose another with --port\n`,
    })
    const { status, stderr } = await runInProcess(['serve', '--port', '0', '--data', join(folder.path, 'first')])
    assert.match(stderr, /^error: \S+events\.db is in use by another process.*\n$/)
    assert.equal(status, 1)
  })

  it('rejects an invalid setting by name', async () => {
    writeFileSync(join(folder.path, 'hark.yaml'), 'prot: 4000\n')
    const env = { HARK_LOG_LEVEL: 'loud' }
    const { status, stdout, stderr } = await runInProcess(['serve', '--data', folder.path], { env })
    assert.deepEqual({ status, stdout }, { status: 2, stdout: '' })
    const [prot, level] = stderr.split('\n')
    assert.match(prot ?? '', /^error: \S+hark\.yaml:1: prot is not a setting: /)
    assert.match(level ?? '', /^error: HARK_LOG_LEVEL: "loud" is not a log level/)
  })
})
