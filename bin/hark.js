#!/usr/bin/env node
// Plain JavaScript for Node.js 20.6 and newer: runs the rest on Node.js 24 or newer.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, readlinkSync, realpathSync } from 'node:fs'
import * as modules from 'node:module'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'

const OLDEST = 24

/** V8 uses up to 100 MB for young objects by default. The engine and audits hold little: they are as fast with a tenth. */
const YOUNG_SPACE = '--max-semi-space-size=8'
/** Set after the start: worker threads then get what their `resourceLimits` say. The flag would take precedence. */
const DEFAULT_YOUNG_SPACE = '--max-semi-space-size=0'
const isLongLived = ['serve', 'audit'].includes(process.argv[2])

/**
 * On a machine with much memory, V8 lets the heap grow to a multiple of what is live before it collects. With 10,000
 * listeners the engine then takes 510 MB instead of 390, and is not faster.
 */
const HEAP_GROWTH = '--heap-growing-percent=15'
/** Until it serves: loading lets the space for young objects grow by 14 MB, which it keeps. */
const FIXED_YOUNG_SPACE = '--semi-space-growth-factor=1'

const LONG_LIVED_CACHE = 'long-lived'

/** Hides warnings about experimental APIs of Node.js that Hark uses. */
const hideExperimentalWarnings = () => {
  const printers = process.listeners('warning')
  process.removeAllListeners('warning')
  process.on('warning', warning => {
    if (warning.name !== 'ExperimentalWarning') for (const print of printers) print(warning)
  })
}

/**
 * Compiling takes three times as long as most commands run. The cache is in a folder of the user: in one that others can
 * write to, they could inject code. V8 rejects code that was compiled with other flags, so commands with flags have a
 * folder of their own; Node.js reads the variable before this file runs.
 */
const cacheFolder = () => {
  const folder = process.env.NODE_COMPILE_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'hark')
  return isLongLived && basename(folder) !== LONG_LIVED_CACHE ? join(folder, LONG_LIVED_CACHE) : folder
}

/** glibc's defaults keep much freed memory: 40 of 320 MB with 10,000 listeners. */
const ALLOCATOR = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '65536', MALLOC_TRIM_THRESHOLD_: '131072' }

const environment = () => {
  const settings = isLongLived ? { ...ALLOCATOR, ...process.env } : process.env
  try {
    return { ...settings, NODE_COMPILE_CACHE: cacheFolder() }
  } catch {
    return settings
  }
}

const enableCompileCache = () => {
  try {
    modules.enableCompileCache(cacheFolder())
  } catch {}
}

const CHECK_NPM_MS = 1000

/** Undefined on systems without /proc. */
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
 * Ends with the npm that started this command. npm runs it in a shell that forwards no signals: SIGTERM ends npm and the
 * shell, SIGKILL npm alone. Then the command, or its shell, gets another parent.
 */
const endWithNpm = end => {
  if (!process.env.npm_lifecycle_script?.includes('hark')) return
  const parent = process.ppid
  const shell = isNpm(parent) ? undefined : parent
  const npm = shell && parentOf(shell)
  const check = setInterval(() => {
    if (process.ppid === parent && (shell === undefined || parentOf(shell) === npm)) return
    clearInterval(check)
    end()
  }, CHECK_NPM_MS)
  check.unref()
}

const run = async () => {
  hideExperimentalWarnings()
  if (isLongLived) {
    setFlagsFromString(HEAP_GROWTH)
    setFlagsFromString(DEFAULT_YOUNG_SPACE)
    setFlagsFromString(FIXED_YOUNG_SPACE)
  }
  enableCompileCache()
  const end = () => process.kill(process.pid, 'SIGTERM')
  if (process.connected) {
    // An older Node.js started this one, and may be killed with SIGKILL.
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

/** The flag works only at the start of a process, so this one replaces itself if the system supports it. */
const restartForLongLife = () => {
  if (process.platform === 'win32' || process.execve === undefined) return
  process.execve(
    process.execPath,
    [process.execPath, YOUNG_SPACE, ...process.execArgv, ...process.argv.slice(1)],
    environment(),
  )
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
  // Before the child exists: it may run before the next turn of this event loop.
  for (const signal of signals) process.on(signal, () => child.kill(signal))
  child = spawn(node, [YOUNG_SPACE, fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: environment(),
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
  if (isLongLived && !hasOwnYoungSpace()) restartForLongLife()
  await run()
} else {
  const node = ownNode()
  if (node === undefined) {
    fail(
      `hark requires Node.js ${OLDEST}: this is ${process.versions.node}, and the one of the package is missing: run npm install`,
    )
  } else {
    runOn(node)
  }
}
