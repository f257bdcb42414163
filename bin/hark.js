#!/usr/bin/env node
// Plain JavaScript for any Node.js since 20: it sees to it that the rest runs on Node.js 24 or newer.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, readlinkSync, realpathSync } from 'node:fs'
import * as modules from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const OLDEST = 24

/**
 * Left to itself V8 takes up to a hundred megabytes for young objects before it looks which are still in use. The engine
 * runs for months, an audit goes through millions of events, and both hold little: they are as fast with a tenth of that.
 */
const YOUNG_SPACE = '--max-semi-space-size=8'
const LONG_LIVED = ['serve', 'audit']

/** What Hark takes from Node.js before it is called stable is no news to whoever runs Hark. */
const hideExperimentalWarnings = () => {
  const printers = process.listeners('warning')
  process.removeAllListeners('warning')
  process.on('warning', warning => {
    if (warning.name !== 'ExperimentalWarning') for (const print of printers) print(warning)
  })
}

/**
 * To compile what a command needs takes three times as long as most commands do. It is kept in a folder of the user's own:
 * in one that everybody may write to, anybody could have this user run what they like. Without it all is as slow as before.
 */
const keepCompiled = () => {
  try {
    modules.enableCompileCache(
      process.env.NODE_COMPILE_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'hark'),
    )
  } catch {
    // Somebody without a home.
  }
}

const LOOK_AT_NPM_MS = 1000

/** Undefined where the system does not say. */
const parentOf = pid => {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1).split(' ')[1]
  } catch {
    return undefined
  }
}

const isNpm = pid => {
  try {
    return readlinkSync(`/proc/${pid}/exe`) === realpathSync(process.env.npm_node_execpath)
  } catch {
    return false
  }
}

/**
 * npm starts a command in a shell, which passes no signal on: SIGTERM ends npm and the shell, and SIGKILL npm alone. The
 * command is left to another parent, or its shell is, and only from that it can see that npm is gone.
 */
const endWithNpm = end => {
  if (!process.env.npm_lifecycle_script?.includes('hark')) return
  const parent = process.ppid
  const shell = isNpm(parent) ? undefined : parent
  const npm = shell && parentOf(shell)
  const look = setInterval(() => {
    if (process.ppid === parent && (shell === undefined || parentOf(shell) === npm)) return
    clearInterval(look)
    end()
  }, LOOK_AT_NPM_MS)
  look.unref()
}

const run = async () => {
  hideExperimentalWarnings()
  keepCompiled()
  const end = () => process.kill(process.pid, 'SIGTERM')
  if (process.connected) {
    // An older Node.js started this one, and may be killed outright.
    process.once('disconnect', end)
    process.channel.unref()
  } else {
    endWithNpm(end)
  }
  const source = new URL('../src/cli/main.ts', import.meta.url)
  const compiled = new URL('../dist/src/cli/main.js', import.meta.url)
  const { main } = await import(existsSync(source) ? source : compiled)
  await main(process.argv)
}

const hasOwnYoungSpace = () =>
  [...process.execArgv, process.env.NODE_OPTIONS ?? ''].some(text => text.includes('semi-space'))

/** Only at its start can a process be told; this one makes a new start in its own place, where the system lets it. */
const restartForLongLife = () => {
  if (process.platform === 'win32' || process.execve === undefined) return
  process.execve(process.execPath, [process.execPath, YOUNG_SPACE, ...process.execArgv, ...process.argv.slice(1)])
}

const ownNode = () => {
  try {
    return modules.createRequire(import.meta.url).resolve('node/bin/node')
  } catch {
    return undefined
  }
}

const fail = message => {
  console.error(`error: ${message}`)
  process.exitCode = 1
}

const runOn = node => {
  let child
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  // Before the child is there: it may be running before this process has its next turn.
  for (const signal of signals) process.on(signal, () => child.kill(signal))
  child = spawn(node, [YOUNG_SPACE, fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  })
  endWithNpm(() => child.kill('SIGTERM'))
  child.on('error', error => fail(`${node} does not start: ${error.message}`))
  child.on('exit', (code, signal) => {
    if (signal === null) {
      process.exitCode = code
      return
    }
    for (const name of signals) process.removeAllListeners(name)
    process.kill(process.pid, signal)
  })
}

if (Number.parseInt(process.versions.node, 10) >= OLDEST) {
  if (LONG_LIVED.includes(process.argv[2]) && !hasOwnYoungSpace()) restartForLongLife()
  await run()
} else {
  const node = ownNode()
  if (node === undefined) {
    fail(
      `hark needs Node.js ${OLDEST}, this is ${process.versions.node}, and the package's own is not there: run npm install`,
    )
  } else {
    runOn(node)
  }
}
