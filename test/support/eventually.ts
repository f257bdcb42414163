import assert from 'node:assert/strict'

const FIRST_POLL_MS = 10
/** A look costs the engine a query. */
const LONGEST_POLL_MS = 100

/** Polls a condition until it holds. The limit only ends a test that hangs: a busy machine may take long. */
export const eventually = async (isSo: () => Promise<boolean> | boolean, withinMs = 60_000): Promise<void> => {
  const end = performance.now() + withinMs
  for (let pollMs = FIRST_POLL_MS; !(await isSo()); pollMs = Math.min(LONGEST_POLL_MS, pollMs * 1.2)) {
    assert.ok(performance.now() < end, `it did not come about within ${withinMs} ms`)
    await new Promise(resolve => setTimeout(resolve, pollMs))
  }
}

/**
 * Rejects if a timer that starts now fires before the work ends. On a busy machine the timers of the work are late too,
 * so this fails less easily than a comparison of times.
 */
export const inTime = async <T>(ms: number, work: Promise<T>): Promise<T> => {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`it has not ended within ${ms} ms`)), ms)
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
