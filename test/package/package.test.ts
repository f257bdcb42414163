import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { parse } from 'yaml'
import about from '../../package.json' with { type: 'json' }
import { ROOT, read } from './tree.ts'

const run = promisify(execFile)

/** What npm tells the scripts that it runs, and what a developer may have set for Hark, is not for what they start. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^npm_(package|lifecycle|command|config_local_prefix|config_global_prefix)|^HARK_|^NODE_/.test(name),
  ),
)
const npm = async (args: readonly string[], cwd: string): Promise<string> => {
  const { stdout } = await run('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd,
    env: environment,
  })
  return stdout
}

/** What packing needs. Packing compiles, and the tree's own dist/ is not to be touched. */
const SOURCES = ['bin', 'schemas', 'projections', 'src', 'docs', 'examples', 'package.json', 'tsconfig.json']
const FILES = ['tsconfig.build.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'SECURITY.md', '.npmrc']

let folder: string
let installed: string
let packed: readonly string[]

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hark-package-'))
  const tree = join(folder, 'tree')
  installed = join(folder, 'installed')
  mkdirSync(installed)
  for (const path of [...SOURCES, ...FILES]) cpSync(join(ROOT, path), join(tree, path), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'))
  const [{ filename, files }] = JSON.parse(await npm(['pack', '--json', '--pack-destination', folder], tree))
  packed = files.map(({ path }: { path: string }) => path)
  // The Node.js that the package brings is not needed here: the tests run on one that is new enough.
  const offline = ['--prefer-offline', '--ignore-scripts', '--no-package-lock']
  await npm(['install', ...offline, join(folder, filename)], installed)
})

after(() => rmSync(folder, { recursive: true, force: true }))

const command = (): string => join(installed, 'node_modules/.bin/hark')
const hark = async (...args: string[]): Promise<string> => {
  const { stdout } = await run(process.execPath, [command(), ...args], { cwd: installed, env: environment })
  return stdout
}

describe('the package', () => {
  test('holds what it needs to run and to be read, and no more', () => {
    const needed = ['bin/hark.js', 'dist/src/cli/main.js', 'dist/src/main.js', 'schemas/schema.graphql', 'LICENSE']
    for (const path of [...needed, 'README.md', 'CHANGELOG.md', 'docs/operations.md'])
      assert.ok(packed.includes(path), path)
    assert.deepEqual(
      packed.filter(path => /^(test|src|node_modules)\/|\.ts$/.test(path)),
      [],
    )
  })

  test('tells its version', async () => {
    assert.equal(await hark('--version'), `${about.version}\n`)
    assert.match(read('CHANGELOG.md'), new RegExp(`^## \\[${about.version.replaceAll('.', '\\.')}\\]`, 'm'))
  })

  test('prints a manifest', async () => {
    assert.deepEqual(parse(await hark('generate', 'listener', 'backend', '8080')), {
      apiVersion: 'skupper.io/v2alpha1',
      kind: 'Listener',
      metadata: { name: 'backend' },
      spec: { routingKey: 'backend', host: 'backend', port: 8080 },
    })
  })

  test('plays the demo', async () => {
    assert.match(await hark('demo'), /In short/)
  })

  test('serves, takes a listener and ends when it is told', async () => {
    const server = spawn(process.execPath, [command(), 'serve', '--port', '0'], { cwd: installed, env: environment })
    try {
      let output = ''
      for await (const chunk of server.stdout) {
        output += chunk
        if (output.includes('/healthz')) break
      }
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0] as string
      const health = await fetch(`${url}/healthz`)
      assert.deepEqual(await health.json(), { alive: true })
      assert.match(await hark('create', 'listener', 'backend', '8080', '--server', url), /created/)
      assert.match(await hark('get', 'listeners', '--server', url), /^backend +Pending /m)
    } finally {
      const ended = once(server, 'exit')
      server.kill('SIGTERM')
      assert.deepEqual(await ended, [0, null])
    }
  })
})
