import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { copyFileSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { backupLog } from '../../../src/event-store/sqlite/backup.ts'
import { openSqliteEventStore } from '../../../src/event-store/sqlite/store.ts'
import { scratchFolder } from '../../support/scratch-folder.ts'
import { TestEngine } from '../engine.ts'
import { runInProcess } from '../hark.ts'

const create = async (engine: TestEngine, name: string): Promise<void> => {
  const { status, stderr } = await engine.hark(`create listener ${name} 80`)
  assert.equal(status, 0, stderr)
}

const ignore = (): void => undefined
const namesIn = (folder: string): string[] => readdirSync(folder).sort()

describe('hark backup', () => {
  test('copies the log of a running engine as of the beginning, and the copy can be put in place', async () => {
    await using folder = await scratchFolder()
    const [data, copy] = [join(folder.path, 'data'), join(folder.path, 'copy.db')]
    mkdirSync(data)
    const engine = await TestEngine.start(data)
    for (let index = 0; index < 20; index += 1) await create(engine, `before-${index}`)
    const running = runInProcess(['backup', copy, '--data', data])
    for (let index = 0; index < 5; index += 1) await create(engine, `meanwhile-${index}`)
    const { status, stderr } = await running
    assert.equal(status, 0)
    assert.match(stderr, /^The log up to position \d{16} is in \S+copy\.db \(\d+ kB\)\.\n$/)
    assert.equal(statSync(copy).mode & 0o777, 0o600)
    await create(engine, 'after')
    await engine.close()
    assert.deepEqual(namesIn(folder.path), ['copy.db', 'data'])

    const restored = join(folder.path, 'restored')
    mkdirSync(restored)
    copyFileSync(copy, join(restored, 'events.db'))
    const verified = await runInProcess(['verify', '--data', restored])
    assert.deepEqual({ ...verified, stderr: '' }, { status: 0, stdout: '', stderr: '' })
    const again = await TestEngine.start(restored)
    const { stdout } = await again.hark('get listeners -o name')
    for (let index = 0; index < 20; index += 1) assert.match(stdout, new RegExp(`before-${index}\\b`))
    assert.doesNotMatch(stdout, /after/)
    await create(again, 'after')
    await again.close()
  })

  test('copies the log of a stopped engine and leaves nothing beside it', async () => {
    await using folder = await scratchFolder()
    const data = join(folder.path, 'data')
    mkdirSync(data)
    const engine = await TestEngine.start(data)
    await create(engine, 'a')
    await engine.close()
    const before = namesIn(data)
    assert.equal((await runInProcess(['backup', join(folder.path, 'copy.db'), '--data', data])).status, 0)
    assert.deepEqual(namesIn(data), before)
  })

  test('rejects a file that exists, an absent log and an EventStoreDB', async () => {
    await using folder = await scratchFolder()
    const [data, copy] = [folder.path, join(folder.path, 'copy.db')]
    const fails = async (...args: string[]): Promise<string> => {
      const { status, stderr } = await runInProcess(['backup', copy, '--data', data, ...args])
      assert.equal(status, 1)
      return stderr
    }
    assert.match(await fails(), /^error: there is no event log \S+events\.db: use --data or --store\n$/)
    assert.match(await fails('--store', 'esdb://127.0.0.1:1'), /^error: an EventStoreDB is backed up by its own means/)
    await openSqliteEventStore({ file: join(data, 'events.db') }).close()
    writeFileSync(copy, 'kept')
    assert.match(await fails(), /^error: \S+copy\.db exists: choose another name\n$/)
    assert.equal(statSync(copy).size, 4)
  })
})

test('backupLog › leaves no copy when it is interrupted', async () => {
  await using folder = await scratchFolder()
  const [file, copy] = [join(folder.path, 'events.db'), join(folder.path, 'copy.db')]
  const store = openSqliteEventStore({ file })
  for (let revision = -1; revision < 2; revision += 1) {
    const metadata = { schemaVersion: 1, actor: 'a', correlationId: randomUUID() }
    const data = { text: 'x'.repeat(700_000) }
    await store.append('any-stream', revision, [{ id: randomUUID(), type: 'Any', data, metadata }])
  }
  const interruption = new AbortController()
  const onProgress = (): void => interruption.abort(new Error('stop'))
  await assert.rejects(backupLog(file, copy, { onProgress, signal: interruption.signal }), { message: 'stop' })
  await store.close()
  assert.deepEqual(
    namesIn(folder.path).filter(name => name.startsWith('copy')),
    [],
  )
  await backupLog(file, copy, { onProgress: ignore, signal: new AbortController().signal })
  assert.ok(statSync(copy).size > 2_000_000)
})
