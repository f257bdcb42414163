import { type RecordSpan, type TimeWindow, timeAt, xOf } from './time-window.ts'

/** Where a window shows the present, in pixels. */
export interface Present {
  readonly lastX: number
  readonly x: number
  /** Where time is left out before the present; undefined if the axis shows all of it. */
  readonly breakX: number | undefined
}

const LEAST_BREAK_PX = 20
const BEFORE_BREAK_PX = 20
/** Of a narrow axis, the rest of which is behind the break. */
const BEFORE_BREAK_SHARE = 0.4
/** Nearer to the present, a pointer means the present. */
const REACH_PX = 8

/** The right end of the axis, if the window has the latest event. */
export const presentIn = (
  window: TimeWindow,
  { last }: RecordSpan,
  now: number,
  width: number,
): Present | undefined => {
  if (window.to < last) return undefined
  const lastX = xOf(window, width, last)
  if (now <= window.to) return { lastX, x: Math.max(xOf(window, width, now), lastX), breakX: undefined }
  const room = width - lastX
  const before = Math.min(BEFORE_BREAK_PX, room * BEFORE_BREAK_SHARE)
  return { lastX, x: width, breakX: room >= LEAST_BREAK_PX ? lastX + before : undefined }
}

/** The time at a place of the axis; undefined where that is the present. */
export const momentAt = (
  window: TimeWindow,
  present: Present | undefined,
  width: number,
  x: number,
): number | undefined => {
  if (present !== undefined && x > Math.max(present.breakX ?? present.x - REACH_PX, present.lastX)) return undefined
  return Math.max(timeAt(window, width, x), window.from)
}

export const isSamePixel = (one: Present | undefined, other: Present | undefined): boolean =>
  (['lastX', 'x', 'breakX'] as const).every(edge => round(one?.[edge]) === round(other?.[edge]))

const round = (x: number | undefined): number | undefined => x && Math.round(x)
