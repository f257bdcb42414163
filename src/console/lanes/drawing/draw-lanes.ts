import type { Palette } from '../../components/palette.ts'
import { statusWords } from '../../components/status.tsx'
import type { StatusPatterns } from '../../components/status-pattern.ts'
import type { Size } from '../../components/use-canvas.ts'
import { shortMessage } from '../../events/describe-event.ts'
import type { Present } from '../../time/present.ts'
import { type TimeWindow, xOf } from '../../time/time-window.ts'
import type { TimeZone } from '../../time/time-zone.ts'
import { drawBreak } from '../../timebar/draw-break.ts'
import type { Lane, Segment } from '../lane.ts'
import { labelledTicks } from '../lane-axis.tsx'
import { CONDITION_HEIGHT, ROW_HEIGHT } from '../row-layout.ts'
import { drawMarks, drawnMarks, type MarkTiles } from './draw-marks.ts'

const BAR_TOP = 9
const BAR_HEIGHT = 18
const CONDITION_BAR = 10
const LABEL_LEAST_PX = 58
/** Narrower segments show no pattern, and are filled in one go. */
const PATTERN_LEAST_PX = 4
const FONT = '600 11px system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif'

export interface VisibleLane {
  readonly lane: Lane
  readonly top: number
  readonly isUnfolded: boolean
}

interface LanesPicture {
  readonly window: TimeWindow
  readonly present: Present | undefined
  readonly lanes: readonly VisibleLane[]
  readonly selected: string | undefined
  readonly zone: TimeZone
  readonly palette: Palette
  readonly patterns: StatusPatterns
  readonly tiles: MarkTiles
}

const fitted = (context: CanvasRenderingContext2D, text: string, width: number): string => {
  if (context.measureText(text).width <= width) return text
  const share = Math.floor((width / context.measureText(text).width) * text.length) - 1
  return share < 4 ? '' : `${text.slice(0, share).trimEnd()}…`
}

const drawLabel = (
  context: CanvasRenderingContext2D,
  { status, message }: Segment,
  { palette }: LanesPicture,
  [left, top, width]: readonly [number, number, number],
): void => {
  if (status === undefined || status === 'Ready' || width < LABEL_LEAST_PX) return
  const { text, fill } = palette.statuses[status]
  context.font = FONT
  const words =
    fitted(context, message === undefined ? statusWords(status) : shortMessage(message), width - 16) ||
    fitted(context, statusWords(status), width - 12)
  if (words === '') return
  context.fillStyle = fill
  context.globalAlpha = 0.92
  context.fillRect(left + 4, top + 2, context.measureText(words).width + 8, BAR_HEIGHT - 4)
  context.globalAlpha = 1
  context.fillStyle = text
  context.textAlign = 'left'
  context.textBaseline = 'middle'
  context.fillText(words, left + 8, top + BAR_HEIGHT / 2 + 0.5)
}

const drawSegments = (
  context: CanvasRenderingContext2D,
  segments: readonly Segment[],
  picture: LanesPicture,
  { width }: Size,
  [top, height, isLabelled]: readonly [number, number, boolean],
): void => {
  const { window, present, palette, patterns } = picture
  const end = present?.x ?? width + 2
  for (const segment of segments) {
    if (segment.to < window.from || segment.from > window.to) continue
    // The last status lasts beyond what was loaded.
    const to = segment === segments.at(-1) ? Math.max(segment.to, window.to) : segment.to
    const left = Math.max(xOf(window, width, segment.from), -2)
    const right = Math.min(xOf(window, width, to), end)
    const wide = Math.max(right - left, segment.status === undefined || segment.status === 'Ready' ? 0 : 2)
    if (segment.status === undefined) {
      context.fillStyle = palette.line
      context.fillRect(left, top + height / 2, wide, 1)
      continue
    }
    const { stroke } = palette.statuses[segment.status]
    if (segment.status !== 'Ready' && wide < PATTERN_LEAST_PX) {
      context.fillStyle = stroke
      context.fillRect(left, top, wide, height)
      continue
    }
    context.fillStyle = patterns[segment.status]
    context.fillRect(left, top, wide, height)
    context.fillStyle = stroke
    context.fillRect(left, top + height - 2, wide, 2)
    if (segment.status !== 'Ready') context.fillRect(left, top, 1, height)
    if (isLabelled) drawLabel(context, segment, picture, [left, top, wide])
  }
}

const MARK_Y = BAR_TOP + BAR_HEIGHT + 1

const drawLane = (context: CanvasRenderingContext2D, visible: VisibleLane, picture: LanesPicture, size: Size): void => {
  const { lane, top, isUnfolded } = visible
  const { window, palette, selected } = picture
  const height = ROW_HEIGHT + (isUnfolded ? lane.conditions.length * CONDITION_HEIGHT : 0)
  if (selected === lane.key) {
    context.fillStyle = palette.accentSoft
    context.fillRect(0, top, size.width, height)
  }
  context.fillStyle = palette.line
  context.fillRect(0, top + height - 1, size.width, 1)
  drawSegments(context, lane.segments, picture, size, [top + BAR_TOP, BAR_HEIGHT, true])
  drawMarks(context, drawnMarks(lane.marks, window, size.width), top + MARK_Y, picture.tiles)
  if (!isUnfolded) return
  lane.conditions.forEach(({ segments }, index) => {
    const y = top + ROW_HEIGHT + index * CONDITION_HEIGHT + (CONDITION_HEIGHT - CONDITION_BAR) / 2 - 4
    drawSegments(context, segments, picture, size, [y, CONDITION_BAR, false])
  })
}

export const drawLanes = (context: CanvasRenderingContext2D, picture: LanesPicture, size: Size): void => {
  const { window, present, zone, palette, lanes } = picture
  for (const { x, isMajor } of labelledTicks(window, present, size.width, zone)) {
    context.fillStyle = isMajor ? palette.lineStrong : palette.line
    context.globalAlpha = isMajor ? 0.6 : 0.7
    context.fillRect(Math.round(x), 0, 1, size.height)
    context.globalAlpha = 1
  }
  for (const lane of lanes) drawLane(context, lane, picture, size)
  drawBreak(context, present, palette, size.height)
}
