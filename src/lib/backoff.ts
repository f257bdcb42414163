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
