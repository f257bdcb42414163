import { setTimeout as sleep } from 'node:timers/promises'

export interface Backoff {
  readonly firstMs: number
  readonly longestMs: number
}

/**
 * Returns milliseconds, partly random so that clients do not return together.
 *
 * @param failures failed attempts before the last one
 */
export const backoffMs = (
  failures: number,
  { firstMs, longestMs }: Backoff,
  random: () => number = Math.random,
): number => Math.round(Math.min(longestMs, firstMs * 2 ** failures) * (1 - random() / 2))

const RETRY_MS = 50

/** Another program may briefly hold a port that was closed here. */
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
