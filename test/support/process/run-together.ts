import { globSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe } from 'node:test'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { ROOT } from '../tree.ts'
import { killChildren } from './child-process.ts'

/** The timeout of a file, on a busy machine. */
const TIMEOUT_MS = 240_000
/** An orderly shutdown takes less, also on a busy machine. */
const SHUTDOWN_MS = 20_000
const MEMORY_FOLDER = '/dev/shm'
const NEEDED_BYTES = 1e9

const hasMemoryFolder = (): boolean => {
  try {
    const { bavail, bsize } = statfsSync(MEMORY_FOLDER)
    return bavail * bsize >= NEEDED_BYTES
  } catch {
    return false
  }
}

/** Ctrl-C, too, ends child processes and removes the temporary folder. */
const exitOnSignals = (): void => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
}

/** Test databases need not survive a power failure, and in memory they do not wait for the disk. */
const useTemporaryFolder = (): void => {
  const folder = mkdtempSync(join(hasMemoryFolder() ? MEMORY_FOLDER : tmpdir(), 'hark-tests-'))
  process.env.TMPDIR = folder
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
}

/** For this process, its workers and its children. */
const useCompileCache = (): void => {
  const folder = join(ROOT, 'node_modules/.cache/compiled')
  process.env.NODE_COMPILE_CACHE = folder
  enableCompileCache(folder)
}

/** In its own thread: the test runner cannot end a test that never yields. */
const WATCHDOG = `
  import { writeSync } from 'node:fs'
  import { parentPort, workerData } from 'node:worker_threads'
  let timer
  parentPort.on('message', file => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      writeSync(2, file + ' blocks its process\\n')
      process.kill(process.pid, 'SIGKILL')
    }, workerData)
  })`

const startWatchdog = (): Worker => {
  const watchdog = new Worker(new URL(`data:text/javascript,${encodeURIComponent(WATCHDOG)}`), {
    workerData: TIMEOUT_MS + SHUTDOWN_MS,
  })
  watchdog.unref()
  return watchdog
}

/** Fails a run that leaves something open, instead of blocking it. */
const endSoon = (): void => {
  setTimeout(() => {
    console.error(`open after the last test: ${process.getActiveResourcesInfo().join(', ')}`)
    process.exit(1)
  }, SHUTDOWN_MS).unref()
}

/**
 * Runs test files one after the other in this process, each as a suite with its own hooks: to start Node.js and to load
 * the code takes longer than most files.
 *
 * @param globs relative to the root
 */
export const runTogether = async (...globs: readonly string[]): Promise<void> => {
  exitOnSignals()
  useTemporaryFolder()
  useCompileCache()
  const folder = process.cwd()
  // The engine's timers and threads do not keep the process alive while a test waits for them.
  const keepAlive = setInterval(() => undefined, TIMEOUT_MS)
  const watchdog = startWatchdog()
  for (const file of globSync(globs, { cwd: ROOT }).toSorted()) {
    watchdog.postMessage(file)
    await describe(file, { timeout: TIMEOUT_MS }, async () => {
      await import(pathToFileURL(join(ROOT, file)).href)
      after(() => {
        killChildren()
        process.chdir(folder)
      })
    })
  }
  clearInterval(keepAlive)
  await watchdog.terminate()
  endSoon()
}
