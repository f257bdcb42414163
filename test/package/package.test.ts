import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { parse } from 'yaml'
import about from '../../package.json' with { type: 'json' }
import { spawn } from '../support/process/child-process.ts'
import { ROOT, read } from '../support/tree.ts'

const run = promisify(execFile)

const folder = mkdtempSync(join(tmpdir(), 'hark-package-'))

/** The environment without variables of npm scripts, of Hark and of Node.js. */
const environment = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^npm_(package|lifecycle|command|config_local_prefix|config_global_prefix)|^HARK_|^NODE_/.test(name),
    ),
  ),
  // Keeps compiled code out of the user's cache.
  XDG_CACHE_HOME: join(folder, 'cache'),
}
const npm = async (args: readonly string[], cwd: string): Promise<string> => {
  const { stdout } = await run('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd,
    env: environment,
  })
  return stdout
}

/** The inputs of packing, which are copied because packing compiles into dist/. */
const SOURCES = ['bin', 'schemas', 'projections', 'src', 'docs', 'examples', 'package.json', 'tsconfig.json']
const FILES = ['tsconfig.build.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'SECURITY.md', '.npmrc']

/** Skips type checks, which `npm run check` does. */
const compileFaster = (tree: string): void => {
  const file = join(tree, 'tsconfig.build.json')
  const { compilerOptions, ...rest } = JSON.parse(readFileSync(file, 'utf8'))
  writeFileSync(file, JSON.stringify({ ...rest, compilerOptions: { ...compilerOptions, noCheck: true } }))
}

const installed = join(folder, 'installed')

/**
 * Installs the package as npm would, with the declared dependencies linked from this tree: fetching them takes ten times
 * as long.
 */
const install = async (archive: string): Promise<void> => {
  const modules = join(installed, 'node_modules')
  const own = join(modules, 'hark')
  mkdirSync(own, { recursive: true })
  await run('tar', ['-xzf', archive, '-C', own, '--strip-components=1'])
  const { dependencies } = JSON.parse(readFileSync(join(own, 'package.json'), 'utf8'))
  for (const name of Object.keys(dependencies)) {
    mkdirSync(dirname(join(modules, name)), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name))
  }
  // Check that the tree has the declared versions, and link the commands.
  await npm(['ls', '--omit=dev'], ROOT)
  await npm(['rebuild', '--ignore-scripts'], installed)
}

let packed: readonly string[]

before(async () => {
  const tree = join(folder, 'tree')
  for (const path of [...SOURCES, ...FILES]) cpSync(join(ROOT, path), join(tree, path), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'))
  compileFaster(tree)
  const [{ filename, files }] = JSON.parse(await npm(['pack', '--json', '--pack-destination', folder], tree))
  packed = files.map(({ path }: { path: string }) => path)
  await install(join(folder, filename))
})

after(() => rmSync(folder, { recursive: true, force: true }))

const command = (): string => join(installed, 'node_modules/.bin/hark')
const hark = async (...args: string[]): Promise<string> => {
  const { stdout } = await run(process.execPath, [command(), ...args], { cwd: installed, env: environment })
  return stdout
}

describe('the package', { concurrency: true }, () => {
  test('contains compiled code and documentation only', () => {
    const compiled = ['dist/src/cli/main.js', 'dist/src/app.js', 'dist/console/index.html']
    const needed = ['bin/hark.js', ...compiled, 'schemas/schema.graphql', 'LICENSE']
    for (const path of [...needed, 'README.md', 'CHANGELOG.md', 'docs/operations.md'])
      assert.ok(packed.includes(path), path)
    assert.deepEqual(
      packed.filter(path => /^(test|src|node_modules)\/|\.ts$/.test(path)),
      [],
    )
  })

  test('prints its version', async () => {
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

  test('serves, creates a listener and ends with SIGTERM', async () => {
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
