import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { scratchFolder } from '../../support/scratch-folder.ts'
import { TestEngine } from '../engine.ts'

let engine: TestEngine
let folder: Awaited<ReturnType<typeof scratchFolder>>

before(async () => {
  folder = await scratchFolder()
  engine = await TestEngine.start(folder.path)
  await engine.createListener('west', 'backend', 80)
})
after(async () => {
  await engine.close()
  await folder[Symbol.asyncDispose]()
})

const unpacked = (archive: string): Map<string, string> => {
  const to = `${archive}.unpacked`
  mkdirSync(to)
  execFileSync('tar', ['-xzf', archive, '-C', to])
  return new Map(readdirSync(to).map(name => [name, readFileSync(join(to, name), 'utf8')]))
}

describe('debug dump', () => {
  it('writes an archive without secrets, for the user alone', async () => {
    const data = join(folder.path, 'settings')
    mkdirSync(data)
    writeFileSync(join(data, 'hark.yaml'), 'router: { west: "amqp://admin:hunter2@127.0.0.1:5672" }\n')
    const file = join(folder.path, 'dump.tar.gz')
    const env = { HARK_STORE: 'esdb://ops:hunter3@127.0.0.1:2113?tls=false' }
    const { status, stdout, stderr } = await engine.hark(['debug', 'dump', file, '--data', data], { env })
    assert.deepEqual([status, stderr], [0, ''])
    assert.match(stdout, /^Wrote .*dump\.tar\.gz: versions\.json, /)
    if (process.platform !== 'win32') assert.equal(statSync(file).mode & 0o777, 0o600)
    const files = unpacked(file)
    assert.deepEqual(
      [...files.keys()].toSorted(),
      stdout
        .trimEnd()
        .replace(/^.*: |\.$/g, '')
        .split(', ')
        .toSorted(),
    )
    assert.match(files.get('settings.json') ?? '', /"password": "\[hidden\]"/)
    for (const [name, text] of files) assert.doesNotMatch(text, /hunter/, name)
    assert.equal(JSON.parse(files.get('listeners.json') ?? '')[0].metadata.name, 'backend')
    assert.match(files.get('events.jsonl') ?? '', /^\{.*"ListenerCreated".*\}\n$/)
    assert.match(files.get('metrics.txt') ?? '', /^hark_position /m)
    assert.equal(JSON.parse(files.get('status.json') ?? '').listeners.all, 1)
  })

  it('is made without an engine too, and does not overwrite', async () => {
    const file = join(folder.path, 'nothing.tar.gz')
    const { status, stdout, stderr } = await engine.hark(['debug', 'dump', file, '--server', 'http://127.0.0.1:1'])
    assert.equal(status, 0)
    assert.match(stdout, /versions\.json, settings\.json, faults\.txt\.\n$/)
    assert.match(stderr, /^not included: status\.json: no Hark engine responds/m)
    assert.match(unpacked(file).get('faults.txt') ?? '', /^metrics\.txt: /m)
    const again = await engine.hark(['debug', 'dump', file])
    assert.deepEqual([again.status, again.stderr], [1, `error: ${file} exists already\n`])
  })
})
