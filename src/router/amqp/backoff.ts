const FIRST_MS = 250
const LONGEST_MS = 2000

/**
 * How many milliseconds to wait before the next try: twice as long after each failure, up to 2 s, less up to half of it by
 * chance, so that those who lost the same router do not all come back at once.
 *
 * @param failures how many tries have failed in a row before the last one
 * @param random as Math.random
 */
export const backoffMs = (failures: number, random: () => number = Math.random): number => {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, failures))
  return Math.round(longest * (1 - random() / 2))
}
