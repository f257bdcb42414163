import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { ReadModels } from '../../../src/engine/read-models/read-models.ts'
import { scratchFolder } from '../../support/scratch-folder.ts'
import { TestEngine } from '../engine.ts'
import { runInProcess, startInProcess } from '../hark.ts'

const REBUILT = String.raw`The read models are rebuilt up to position \d+\.\n$`

describe('hark rebuild', () => {
  test('rebuilds the read models of a running engine, which answers for the past as before', async () => {
    await using folder = await scratchFolder()
    const data = ['--data', folder.path]
    const engine = await TestEngine.start(folder.path)
    try {
      await engine.createListener('default', 'backend')
      const portAt1 = () => engine.done('get listener backend --at 3 -o jsonpath={.spec.port}')
      assert.equal(await portAt1(), '1\n')
      const rebuilt = await engine.hark(['rebuild', '--server', engine.url])
      assert.deepEqual([rebuilt.status, rebuilt.stdout], [0, ''])
      assert.match(rebuilt.stderr, new RegExp(`^${REBUILT}`))
      const verified = await engine.hark(['rebuild', '--verify', '--server', engine.url])
      assert.equal(verified.status, 0)
      assert.match(verified.stderr, new RegExp(String.raw`^No row differed\.\n${REBUILT}`))
      assert.equal(await portAt1(), '1\n')

      const named = await runInProcess(['rebuild', ...data])
      assert.equal(named.status, 1)
      assert.match(named.stderr, /^error: a running engine has \S+read-models\.db: name it with --server, and it/)
      const found = await runInProcess(['rebuild'], { env: { HARK_DATA: folder.path, HARK_SERVER: engine.url } })
      assert.equal(found.status, 0, found.stderr)
      const none = await runInProcess(['rebuild'], {
        env: { HARK_DATA: `${folder.path}/none`, HARK_SERVER: engine.url },
      })
      assert.equal(none.status, 0, none.stderr)
    } finally {
      await engine.close()
    }
    const verified = await runInProcess(['verify', ...data])
    assert.equal(verified.status, 0, verified.stderr)
  })

  test('ends the rebuild of the engine at Ctrl-C', async () => {
    await using folder = await scratchFolder()
    const engine = await TestEngine.start(folder.path)
    try {
      await engine.createListener('default', 'backend')
      const command = startInProcess(['rebuild', '--server', engine.url])
      command.abort()
      assert.equal(await command.status, 130)
      assert.match(command.stderr.text, /^error: interrupted: the read models are unchanged\n$/)
      assert.equal((await engine.hark(['rebuild', '--server', engine.url])).status, 0)
    } finally {
      await engine.close()
    }
  })

  test('leaves the files of a stopped engine as they were if the new ones were not written completely', async t => {
    await using folder = await scratchFolder()
    const engine = await TestEngine.start(folder.path)
    await engine.createListener('default', 'backend')
    await engine.close()
    const file = join(folder.path, 'read-models.db')
    const before = readFileSync(file)
    const { close } = ReadModels.prototype
    t.mock.method(ReadModels.prototype, 'close', async function (this: ReadModels) {
      await close.call(this)
      writeFileSync(join(folder.path, 'read-models.new.db-wal'), 'what a full disk left')
    })
    const { status, stderr } = await runInProcess(['rebuild', '--data', folder.path])
    assert.equal(status, 1, stderr)
    assert.match(stderr, /^error: \S+read-models\.new\.db could not be written completely\n$/)
    assert.deepEqual(readFileSync(file), before)
    assert.deepEqual(
      readdirSync(folder.path).filter(name => name.startsWith('read-models')),
      ['read-models.db'],
    )
  })

  test('rejects files and an engine at once', async () => {
    const { status, stderr } = await runInProcess(['rebuild', '--data', 'x', '--server', 'http://127.0.0.1:1'])
    assert.equal(status, 2)
    assert.match(stderr, /use --server or --context for a running engine/)
  })
})
