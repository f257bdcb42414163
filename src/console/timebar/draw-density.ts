import type { Palette } from '../components/palette.ts'
import type { Size } from '../components/use-canvas.ts'
import { formatDate, formatDuration, formatSeconds } from '../time/format-time.ts'
import type { Present } from '../time/present.ts'
import { type Tick, ticksOf } from '../time/ticks.ts'
import { type TimeWindow, xOf } from '../time/time-window.ts'
import type { TimeZone } from '../time/time-zone.ts'
import { type Density, densityBars } from './density.ts'
import { drawBreak } from './draw-break.ts'

export const AXIS_HEIGHT = 20

export const FONT = '11px system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif'
const BOLD = `600 ${FONT}`
const TOP_PX = 9
const DATE_X = 6
const HANDLE_PX = 10
const QUIET_LEAST_MS = 10_000

interface TimeBarPicture {
  readonly window: TimeWindow
  readonly density: Density | undefined
  readonly now: number
  readonly last: number
  readonly present: Present | undefined
  readonly moment: number | undefined
  readonly zone: TimeZone
  readonly palette: Palette
}

type Draw = (context: CanvasRenderingContext2D, picture: TimeBarPicture, size: Size) => void

const drawAxis = (
  context: CanvasRenderingContext2D,
  ticks: readonly Tick[],
  palette: Palette,
  { width: end, height }: Size,
): void => {
  const top = height - AXIS_HEIGHT
  context.font = FONT
  context.textAlign = 'left'
  context.textBaseline = 'middle'
  for (const { x, label, isMajor } of ticks) {
    const { width } = context.measureText(label)
    const left = Math.max(x - width / 2, 4)
    if (left + width > end - 8) continue
    context.fillStyle = isMajor ? palette.lineStrong : palette.line
    context.fillRect(Math.round(x), 0, 1, top + 4)
    context.fillStyle = isMajor ? palette.ink : palette.inkSoft
    context.fillText(label, left, top + AXIS_HEIGHT / 2 + 1)
  }
}

/** @returns where its label begins, in pixels */
const drawPresent = (context: CanvasRenderingContext2D, picture: TimeBarPicture, size: Size): number => {
  const { present, now, zone, palette } = picture
  if (present === undefined) return size.width
  const label = `now ${formatSeconds(now, zone)}`
  context.font = BOLD
  context.textAlign = 'left'
  context.textBaseline = 'middle'
  const { width } = context.measureText(label)
  const left = Math.min(Math.max(present.x - width / 2, 4), size.width - width - 4)
  context.fillStyle = palette.accent
  context.fillText(label, left, size.height - AXIS_HEIGHT / 2 + 1)
  return left
}

const drawQuiet: Draw = (context, { present, now, last, palette }, size) => {
  if (present === undefined || now - last < QUIET_LEAST_MS) return
  const quiet = formatDuration(now - last)
  const from = present.breakX ?? present.lastX
  context.font = FONT
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  context.fillStyle = palette.inkSoft
  const fits = (words: string): boolean => context.measureText(words).width < present.x - from - 16
  const words = [`${quiet} without events`, `${quiet} quiet`].find(fits)
  if (words !== undefined) return context.fillText(words, (from + present.x) / 2, (size.height - AXIS_HEIGHT) / 2)
  // No bar is as high as the line of the date.
  const short = `${quiet} quiet`
  const right = present.x - HANDLE_PX
  const { width } = context.measureText(short)
  context.fillStyle = palette.surface
  context.fillRect(right - width - 3, 1, width + 6, 2 * TOP_PX - 2)
  context.fillStyle = palette.inkSoft
  context.textAlign = 'right'
  context.fillText(short, right, TOP_PX)
}

const drawBars: Draw = (context, { window, density, palette }, size) => {
  if (density === undefined) return
  const bottom = size.height - AXIS_HEIGHT
  context.fillStyle = palette.density
  for (const { x, width, height } of densityBars(density, window, size.width)) {
    const tall = Math.max(Math.round(height * (bottom - 18)), 3)
    context.fillRect(x, bottom - tall, Math.max(width - 1, 2), tall)
  }
}

const veil = (context: CanvasRenderingContext2D, colour: string, from: number, size: Size): void => {
  if (from >= size.width) return
  context.fillStyle = colour
  context.fillRect(Math.max(from, 0), 0, size.width, size.height - AXIS_HEIGHT)
}

const drawDate: Draw = (context, { window, moment, zone, palette }, { width }) => {
  context.font = BOLD
  context.textAlign = 'left'
  context.textBaseline = 'middle'
  context.fillStyle = palette.inkSoft
  const date = formatDate(window.from, zone)
  const line = moment === undefined ? undefined : xOf(window, width, moment)
  const isCut = line !== undefined && line > -HANDLE_PX && line < DATE_X + context.measureText(date).width + HANDLE_PX
  context.fillText(date, isCut ? line + HANDLE_PX : DATE_X, TOP_PX)
}

export const drawTimeBar: Draw = (context, picture, size) => {
  const { window, present, moment, zone, palette } = picture
  const bottom = size.height - AXIS_HEIGHT
  const end = drawPresent(context, picture, size)
  const ticks = ticksOf(window, size.width, zone).filter(({ x }) => x < (present?.breakX ?? present?.x ?? size.width))
  drawAxis(context, ticks, palette, { width: Math.min(end, present?.breakX ?? end), height: size.height })
  context.fillStyle = palette.line
  context.fillRect(0, bottom, size.width, 1)
  drawBars(context, picture, size)
  if (present) veil(context, palette.veil, present.x + 1, size)
  drawBreak(context, present, palette, bottom + 4)
  if (moment !== undefined) veil(context, palette.veil, xOf(window, size.width, moment), size)
  drawDate(context, picture, size)
  drawQuiet(context, picture, size)
}
