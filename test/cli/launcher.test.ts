import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { LAUNCHER, Output } from './hark.ts'

/** Makes the running Node.js say that it is an older one. */
const OLDER = 'data:text/javascript,Object.defineProperty(process.versions,"node",{value:"20.19.0"})'
const NODE_PACKAGE = dirname(fileURLToPath(import.meta.resolve('node/package.json')))

/** A package around the launcher whose command does what the test wants. */
const COMMAND = `
const serve = () => {
  const alive = setInterval(() => undefined, 1000)
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      console.log('told', signal)
      clearInterval(alive)
    })
  }
}

export const main = async ([, , what]) => {
  if (what === 'serve') serve()
  console.log(what, process.pid, process.versions.node.split('.')[0])
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

const launch = (args: readonly string[], { older }: { readonly older: boolean }) => {
  const child = spawn(process.execPath, [...(older ? ['--import', OLDER] : []), join(folder, 'bin/hark.js'), ...args])
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>
  return { child, ended, stdout: new Output(child.stdout), stderr: new Output(child.stderr) }
}

describe('the launcher', () => {
  it('says what is missing on an older Node.js without the newer one', async () => {
    const { ended, stderr } = launch(['status'], { older: true })
    assert.deepEqual(await ended, [1, null])
    assert.match(stderr.text, /^error: hark needs Node\.js 24, this is 20\.19\.0, and .*: run npm install\n$/)
  })

  describe('of an installed package', () => {
    before(installNode)

    for (const older of [false, true]) {
      describe(older ? 'on an older Node.js' : 'on Node.js 24', () => {
        it("ends with the command's status", async () => {
          const { ended, stdout } = launch(['status'], { older })
          assert.deepEqual(await ended, [4, null])
          assert.match(stdout.text, /^status \d+ 24\n$/)
        })

        it('hides nothing but news of experiments', async () => {
          const { ended, stderr } = launch(['warn'], { older })
          await ended
          assert.match(stderr.text, /DeprecationWarning: old/)
          assert.doesNotMatch(stderr.text, /ExperimentalWarning/)
        })

        for (const signal of ['SIGINT', 'SIGTERM'] as const) {
          it(`passes ${signal} on and waits for the end`, async () => {
            const { child, ended, stdout } = launch(['serve'], { older })
            await stdout.until(/serve \d+ 24\n/)
            child.kill(signal)
            assert.deepEqual(await ended, [0, null])
            assert.match(stdout.text, new RegExp(`told ${signal}\n`))
          })
        }
      })
    }

    it('ends by the signal that ended the command', async () => {
      const { ended } = launch(['kill'], { older: true })
      assert.deepEqual(await ended, [null, 'SIGKILL'])
    })

    it('leaves no command behind when it is killed outright', async () => {
      const { child, stdout } = launch(['serve'], { older: true })
      await stdout.until(/serve \d+ 24\n/)
      child.kill('SIGKILL')
      await stdout.until(/told SIGTERM\n/)
    })
  })
})
