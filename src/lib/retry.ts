import { setTimeout as sleep } from 'node:timers/promises'

export interface Backoff {
  readonly firstMs: number
  readonly longestMs: number
}

/**
 * Returns how many milliseconds to wait before the next attempt: twice as long after each failure, less up to half of it
 * at random, so that clients of one server do not all come back at once.
 *
 * @param failures how many attempts failed in a row before the last one
 * @param random as Math.random
 */
export const backoffMs = (
  failures: number,
  { firstMs, longestMs }: Backoff,
  random: () => number = Math.random,
): number => Math.round(Math.min(longestMs, firstMs * 2 ** failures) * (1 - random() / 2))

const RETRY_MS = 50

/**
 * Calls `listen` again while it fails with EADDRINUSE: another program may hold a port for a moment that was closed here.
 */
export const retryWhilePortInUse = async <T>(listen: () => Promise<T>, withinMs = 10_000): Promise<T> => {
  const end = performance.now() + withinMs
  for (;;) {
    try {
      return await listen()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || performance.now() > end) throw error
      await sleep(RETRY_MS)
    }
  }
}
