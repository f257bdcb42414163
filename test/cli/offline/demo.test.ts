import assert from 'node:assert/strict'
import { once } from 'node:events'
import { access, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { scratchFolder } from '../../support/scratch-folder.ts'
import { Output, run, runInProcess, start, startInProcess } from '../hark.ts'

/** The lines about the listener, in this order. */
const STORY = [
  /Pending +No matching connectors/,
  /Ready +OK .*matched by backend at east/,
  /receives: Hello from the backend in the east/,
  /Ready +OK +generation 2, backend:9090/,
  /Pending +The router no longer has tcpListener listener\/backend/,
  /Ready +OK +generation 2/,
  /Error +Address already in use - listen on backend:7070 \(held by report-server, process \d+\)/,
  /Ready +OK +generation 3, backend:7070/,
  /ListenerFailedToOpen +agent +Address already in use/,
  /In short/,
]

const assertTold = (output: string): void => {
  let at = 0
  for (const pattern of STORY) {
    const found = output.slice(at).search(pattern)
    assert.notEqual(found, -1, `${pattern} does not come where it should:\n${output}`)
    at += found
  }
}

describe('hark demo', { concurrency: true }, () => {
  test('plays to its end, prints commands as the reader types them, and leaves no files', async () => {
    await using folder = await scratchFolder()
    const { status, stdout, stderr } = await run(['demo'], { env: { TMPDIR: folder.path, npm_command: 'exec' } })
    assert.equal(stderr, '')
    assert.equal(status, 0)
    assertTold(stdout)
    assert.match(stdout, /simulated/)
    assert.match(stdout, /^\$ npx hark update listener backend --port 7070 /m)
    assert.deepEqual(await readdir(folder.path), [])
  })

  test('runs until Ctrl-C with --keep, and keeps its events with --data', async () => {
    await using folder = await scratchFolder()
    const data = join(folder.path, 'demo')
    const demo = startInProcess(['demo', '--keep', '--data', data])
    const [, server] = await demo.stdout.until(/hark get listeners -A -w --server (\S+)/)
    const { stdout } = await runInProcess(['get', 'listeners', '-A', '--server', server as string])
    assert.match(stdout, /hello-world-west +backend +Ready/)
    demo.abort()
    assert.equal(await demo.status, 0)
    await access(join(data, 'events.db'))
  })

  test('ends at Ctrl-C with status 130 and leaves no files', async () => {
    await using folder = await scratchFolder()
    const demo = start(['demo'], { env: { TMPDIR: folder.path } })
    await new Output(demo.stdout!).until(/Pending/)
    const ended = once(demo, 'exit')
    demo.kill('SIGINT')
    assert.deepEqual(await ended, [130, null])
    assert.deepEqual(await readdir(folder.path), [])
  })

  test('rejects a data folder that is not empty', async () => {
    await using folder = await scratchFolder()
    await writeFile(join(folder.path, 'mine'), '')
    const { status, stderr } = await runInProcess(['demo', '--data', folder.path])
    assert.equal(status, 2)
    assert.match(stderr, /is not empty: the demo needs a new folder/)
  })
})
