import type { TimeWindow } from '../../time/time-window.ts'
import type { LoadSegments } from './status-start.ts'

/**
 * Positions of the events at which a status of a resource began, oldest first. The latest are found first.
 *
 * @param most how many windows are loaded; a segment of several changes needs one more
 */
export const statusChangers = async (
  load: LoadSegments,
  window: TimeWindow,
  most: number,
): Promise<readonly string[]> => {
  const found = new Set<string>()
  const waiting = [window]
  for (let loads = 0; loads < most; loads += 1) {
    const next = waiting.shift()
    if (next === undefined) break
    const segments = await load(next)
    for (const [place, { from, to, changes, position }] of segments.entries()) {
      if (changes > 0) waiting.unshift({ from: from - 1, to: to + 1 })
      else if (place > 0 && position !== undefined) found.add(position)
    }
  }
  return [...found].sort()
}
