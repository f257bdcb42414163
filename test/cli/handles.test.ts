import assert from 'node:assert/strict'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { spawn } from '../support/process/child-process.ts'
import { scratchFolder } from '../support/scratch-folder.ts'
import { TestEngine } from './engine.ts'
import { plainEnvironment } from './hark.ts'

const SCRIPT = fileURLToPath(new URL('../support/process/run-every-command.ts', import.meta.url))

test('commands › leave nothing open that keeps their process', async () => {
  await using live = await scratchFolder()
  await using offline = await scratchFolder()
  const stopped = await TestEngine.start(offline.path)
  await stopped.createListener('west', 'backend')
  await stopped.close()
  const engine = await TestEngine.start(live.path)
  const child = spawn(process.execPath, [SCRIPT, engine.url, offline.path], { env: plainEnvironment() })
  const [output, [status]] = await Promise.all([text(child.stdout!), once(child, 'close')])
  await engine.close()
  assert.deepEqual([status, output], [0, ''])
})
