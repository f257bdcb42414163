import type { TimeWindow } from '../../time/time-window.ts'
import type { Segment } from '../lane.ts'

/** The engine draws at most `MOST_CELLS` cells; none if the resource did not exist. */
export type LoadSegments = (window: TimeWindow) => Promise<readonly Segment[]>

export const MOST_CELLS = 2000

/** Each cell of a span is at most half as long as the span before, through which the status is then known to be constant. */
const SPANS_MS = [2e3, 2e6, 2e9, 2e12] as const

/** The beginning of the last segment, which is in the cell that ends at `bound` if several statuses share that cell. */
const exactStart = async (load: LoadSegments, segments: readonly Segment[], cellMs: number): Promise<number> => {
  const { from } = segments.at(-1) as Segment
  if (segments.at(-2)?.changes === 0 || cellMs <= 1) return from
  const window = { from: from - cellMs - 1, to: from + 1 }
  const nearer = await load(window)
  return exactStart(load, nearer, Math.ceil((window.to - window.from) / MOST_CELLS))
}

export interface StatusStart {
  readonly status: Segment['status']
  readonly from: number
}

/**
 * Since when the status at a time lasts, to the millisecond, whatever window is shown.
 *
 * @param time milliseconds since 1970
 * @param first time of the first event of the log
 * @returns undefined if the resource did not exist, or the status began before what the log keeps
 */
export const statusStart = async (
  load: LoadSegments,
  time: number,
  first: number,
): Promise<StatusStart | undefined> => {
  for (const span of SPANS_MS) {
    const window = { from: Math.max(time + 1 - span, first - 1), to: time + 1 }
    const segments = await load(window)
    const last = segments.at(-1)
    if (last === undefined) return undefined
    const cellMs = Math.ceil((window.to - window.from) / MOST_CELLS)
    if (segments.length > 1) return { status: last.status, from: await exactStart(load, segments, cellMs) }
    if (window.from < first) return undefined
  }
  return undefined
}
