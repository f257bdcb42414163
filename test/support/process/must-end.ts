import { after } from 'node:test'

/** An orderly shutdown takes less, also on a busy machine. */
const PATIENCE_MS = 10_000

/**
 * Fails a test file that leaves something running, instead of blocking the run. Call it once in the file; tests that may
 * wait for ever need a `timeout` as well.
 */
export const mustEnd = (): void =>
  after(() => {
    setTimeout(() => {
      console.error('something still runs after the last test')
      process.exit(1)
    }, PATIENCE_MS).unref()
  })
