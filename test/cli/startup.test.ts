import assert from 'node:assert/strict'
import { it } from 'node:test'
import { run } from './hark.ts'

/** Prints what the process has loaded of Node.js and of Hark. */
const REPORT = `data:text/javascript,${encodeURIComponent(`
import { registerHooks } from 'node:module'
const loaded = []
registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) })
process.on('exit', () => console.error(JSON.stringify([...loaded, ...process.moduleLoadList])))
`)}`

const loadedBy = async (...args: readonly string[]): Promise<string[]> => {
  const { stderr } = await run(args, {
    env: { NODE_OPTIONS: `--import ${REPORT}`, HARK_SERVER: 'http://127.0.0.1:1' },
  })
  return JSON.parse(stderr.trimEnd().split('\n').at(-1) as string)
}

it('get › loads no other command, no library but commander, and no fetch', async () => {
  const loaded = await loadedBy('get', 'listeners')
  const commands = loaded.flatMap(name => /src\/cli\/commands\/(.+)$/.exec(name)?.[1] ?? [])
  const libraries = loaded.flatMap(name => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(name)?.[1] ?? [])
  assert.deepEqual(commands, ['get.ts'])
  assert.deepEqual([...new Set(libraries)], ['commander'])
  assert.deepEqual(
    loaded.filter(name => name.includes('undici')),
    [],
  )
})

it('an empty variable › counts as not set', async () => {
  const { status, stderr } = await run(['get', 'listeners', '--server', 'http://127.0.0.1:1'], {
    env: { HARK_SERVER: '', HARK_NAMESPACE: '' },
  })
  assert.equal(status, 3, stderr)
})

it('--version › loads no command', async () => {
  const loaded = await loadedBy('--version')
  assert.ok(loaded.some(name => name.endsWith('src/cli/program.ts')))
  assert.deepEqual(
    loaded.filter(name => /src\/cli\/(commands|client)\//.test(name)),
    [],
  )
})
