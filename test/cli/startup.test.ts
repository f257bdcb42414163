import assert from 'node:assert/strict'
import { it } from 'node:test'
import { RunningHark } from '../support/running-hark.ts'
import { scratchFolder } from '../support/scratch-folder.ts'
import { run } from './hark.ts'

/** Prints what the process has loaded of Node.js and of Hark. */
const REPORT = `data:text/javascript,${encodeURIComponent(`
import { registerHooks } from 'node:module'
const loaded = []
registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) })
process.on('exit', () => console.error(JSON.stringify([...loaded, ...process.moduleLoadList])))
`)}`

const REPORTING = { NODE_OPTIONS: `--import ${REPORT}`, HARK_SERVER: 'http://127.0.0.1:1' }

const reported = (stderr: string): string[] => JSON.parse(stderr.trimEnd().split('\n').at(-1) as string)

const loadedBy = async (...args: readonly string[]): Promise<string[]> =>
  reported((await run(args, { env: REPORTING })).stderr)

/** Where each library is loaded from: two folders are two copies of it. */
const foldersOf = (loaded: readonly string[]): string[] => [
  ...new Set(loaded.flatMap(name => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? [])),
]

const librariesIn = (loaded: readonly string[]): string[] => [
  ...new Set(loaded.flatMap(name => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(name)?.[1] ?? [])),
]

it('get › loads no other command, no library but commander, and no fetch', async () => {
  const loaded = await loadedBy('get', 'listeners')
  const commands = loaded.flatMap(name => /src\/cli\/commands\/(.+)$/.exec(name)?.[1] ?? [])
  assert.deepEqual(commands, ['get.ts'])
  assert.deepEqual(librariesIn(loaded), ['commander'])
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

it('serve › loads no fetch, no library twice, and none that only some settings or queries need', async () => {
  await using folder = await scratchFolder()
  const env = { NODE_OPTIONS: REPORTING.NODE_OPTIONS }
  await using hark = await RunningHark.start(['--data', folder.path], env)
  await hark.ready()
  await hark.stop()
  const loaded = reported((await hark.log.until(/\]\n$/)).input)
  assert.deepEqual(
    loaded.filter(name => name.includes('undici')),
    [],
  )
  const rare = ['ajv', 'jose', 're2js', 'rhea', 'yaml', '@eventstore/db-client']
  const libraries = librariesIn(loaded)
  assert.ok(libraries.includes('graphql'))
  assert.equal(foldersOf(loaded).length, libraries.length, foldersOf(loaded).join('\n'))
  assert.deepEqual(
    rare.filter(name => libraries.includes(name)),
    [],
  )
})
