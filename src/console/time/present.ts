import { type RecordSpan, type TimeWindow, xOf } from './time-window.ts'

/** Where a window shows the present, in pixels. */
export interface Present {
  /** The latest event. */
  readonly lastX: number
  readonly x: number
  /** Where time is left out before the present; undefined if the axis shows all of it. */
  readonly breakX: number | undefined
}

const LEAST_BREAK_PX = 48
const BEFORE_BREAK_PX = 20

/** The right end of the axis is the present wherever the latest event is shown; undefined in windows before it. */
export const presentIn = (
  window: TimeWindow,
  { last }: RecordSpan,
  now: number,
  width: number,
): Present | undefined => {
  if (window.to < last) return undefined
  const lastX = xOf(window, width, last)
  if (now <= window.to) return { lastX, x: Math.max(xOf(window, width, now), lastX), breakX: undefined }
  const isWide = width - lastX >= LEAST_BREAK_PX
  return { lastX, x: width, breakX: isWide ? lastX + BEFORE_BREAK_PX : undefined }
}

export const isSamePixel = (one: Present | undefined, other: Present | undefined): boolean =>
  (['lastX', 'x', 'breakX'] as const).every(edge => round(one?.[edge]) === round(other?.[edge]))

const round = (x: number | undefined): number | undefined => x && Math.round(x)
