import assert from 'node:assert/strict'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { spawn } from '../support/process/child-process.ts'
import { LAUNCHER, Output } from './hark.ts'

/** Makes the running Node.js report an older version. */
const OLDER = 'data:text/javascript,Object.defineProperty(process.versions,"node",{value:"20.19.0"})'
const NODE_PACKAGE = dirname(fileURLToPath(import.meta.resolve('node/package.json')))

/** A package around the launcher whose command does what the test wants. */
const COMMAND = `
import { once } from 'node:events'
import { getCompileCacheDir } from 'node:module'
import { Worker } from 'node:worker_threads'

const WORKER = "require('worker_threads').parentPort.postMessage(require('v8').getHeapStatistics().heap_size_limit)"

/** Bytes of a heap that may have 3 MiB of young objects and 100 MiB of others. */
const workerHeap = async () => {
  const resourceLimits = { maxYoungGenerationSizeMb: 3, maxOldGenerationSizeMb: 100 }
  const [size] = await once(new Worker(WORKER, { eval: true, resourceLimits }), 'message')
  return size
}

const serve = () => {
  const alive = setInterval(() => undefined, 1000)
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      console.log('received', signal)
      clearInterval(alive)
    })
  }
}

export const main = async ([, , what]) => {
  if (what === 'serve') serve()
  console.log(what, process.pid, process.versions.node.split('.')[0])
  if (what === 'get' || what === 'audit') console.log('cache', getCompileCacheDir())
  if (what === 'audit') console.log('memory', process.env.MALLOC_ARENA_MAX, (await workerHeap()) / 2 ** 20)
  if (what === 'status') process.exitCode = 4
  if (what === 'kill') process.kill(process.pid, 'SIGKILL')
  if (what === 'warn') process.emitWarning('new', 'ExperimentalWarning')
  if (what === 'warn') process.emitWarning('old', 'DeprecationWarning')
}`

let folder: string
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'hark-launcher-'))
  mkdirSync(join(folder, 'bin'))
  mkdirSync(join(folder, 'dist/src/cli'), { recursive: true })
  cpSync(LAUNCHER, join(folder, 'bin/hark.js'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(folder, 'dist/src/cli/main.js'), COMMAND)
})
after(() => rmSync(folder, { recursive: true }))

const installNode = () => {
  mkdirSync(join(folder, 'node_modules'), { recursive: true })
  symlinkSync(NODE_PACKAGE, join(folder, 'node_modules/node'))
}

/** Starts a command as npm does: in a shell, which waits for it. Prints the process id of the shell. */
const NPM = `
const { spawn } = require('node:child_process')
const shell = spawn('sh', ['-c', '"$@"; exit $?', 'sh', ...process.argv.slice(1)], { stdio: 'inherit' })
console.log('shell', shell.pid)`

const launch = (args: readonly string[], { older }: { readonly older: boolean }) => {
  return started(spawn(process.execPath, commandOf(args, older)))
}

const launchByNpm = ({ older }: { readonly older: boolean }) =>
  started(
    spawn(process.execPath, ['-e', NPM, process.execPath, ...commandOf(['serve'], older)], {
      env: { ...process.env, npm_lifecycle_script: "'hark'", npm_node_execpath: process.execPath },
    }),
  )

const commandOf = (args: readonly string[], older: boolean): string[] => [
  ...(older ? ['--import', OLDER] : []),
  join(folder, 'bin/hark.js'),
  ...args,
]

const started = (child: ChildProcessWithoutNullStreams) => {
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>
  return { child, ended, stdout: new Output(child.stdout), stderr: new Output(child.stderr) }
}

/** Kills a command that does not end, so that the test fails instead of waiting. */
const endsInGoodOrder = async (ended: Promise<unknown>, stdout: Output): Promise<void> => {
  const [, pid] = /serve (\d+) 24/.exec(stdout.text) ?? assert.fail('no command')
  const late = setTimeout(() => process.kill(Number(pid), 'SIGKILL'), 60_000)
  await ended
  clearTimeout(late)
  assert.match(stdout.text, /received SIGTERM\n/)
}

describe('bin/hark.js', () => {
  it('reports a missing Node.js 24 on an older one', async () => {
    const { ended, stderr } = launch(['status'], { older: true })
    assert.deepEqual(await ended, [1, null])
    assert.match(stderr.text, /^error: hark requires Node\.js 24: this is 20\.19\.0, and .*: run npm install\n$/)
  })

  describe('installed as a package', () => {
    before(installNode)

    for (const older of [false, true]) {
      describe(older ? 'on an older Node.js' : 'on Node.js 24', () => {
        it("exits with the command's status", async () => {
          const { ended, stdout } = launch(['status'], { older })
          assert.deepEqual(await ended, [4, null])
          assert.match(stdout.text, /^status \d+ 24\n$/)
        })

        it('keeps code that is compiled with other flags in a folder of its own', async () => {
          const folders = ['get', 'audit'].map(async command => {
            const { ended, stdout } = launch([command], { older })
            await ended
            return /^cache (.+)$/m.exec(stdout.text)?.[1]
          })
          const [short, long] = await Promise.all(folders)
          assert.equal(basename(dirname(long ?? '')), 'long-lived')
          assert.equal(dirname(short ?? ''), dirname(dirname(long ?? '')))
        })

        it('keeps memory small for commands that run long, and lets worker threads have their own limits', async () => {
          const { ended, stdout } = launch(['audit'], { older })
          await ended
          assert.match(stdout.text, /^memory 2 103$/m)
        })

        it('hides experimental warnings only', async () => {
          const { ended, stderr } = launch(['warn'], { older })
          await ended
          assert.match(stderr.text, /DeprecationWarning: old/)
          assert.doesNotMatch(stderr.text, /ExperimentalWarning/)
        })

        it('ends with the shell of npm', async () => {
          const { ended, stdout } = launchByNpm({ older })
          await stdout.until(/serve \d+ 24\n/)
          process.kill(Number(/shell (\d+)/.exec(stdout.text)?.[1]), 'SIGTERM')
          await endsInGoodOrder(ended, stdout)
        })

        it('ends when npm is killed', { skip: !existsSync('/proc/self/stat') }, async () => {
          const { child, ended, stdout } = launchByNpm({ older })
          await stdout.until(/serve \d+ 24\n/)
          child.kill('SIGKILL')
          await endsInGoodOrder(ended, stdout)
        })

        for (const signal of ['SIGINT', 'SIGTERM'] as const) {
          it(`forwards ${signal} and waits for the command`, async () => {
            const { child, ended, stdout } = launch(['serve'], { older })
            await stdout.until(/serve \d+ 24\n/)
            child.kill(signal)
            assert.deepEqual(await ended, [0, null])
            assert.match(stdout.text, new RegExp(`received ${signal}\n`))
          })
        }
      })
    }

    it('ends by the signal that ended the command', async () => {
      const { ended } = launch(['kill'], { older: true })
      assert.deepEqual(await ended, [null, 'SIGKILL'])
    })

    it('leaves no command behind when it is killed', async () => {
      const { child, stdout } = launch(['serve'], { older: true })
      await stdout.until(/serve \d+ 24\n/)
      child.kill('SIGKILL')
      await stdout.until(/received SIGTERM\n/)
    })
  })
})
