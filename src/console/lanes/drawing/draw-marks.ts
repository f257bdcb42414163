import type { Palette } from '../../components/palette.ts'
import { isCommandType } from '../../events/describe-event.ts'
import { type TimeWindow, xOf } from '../../time/time-window.ts'
import type { Mark } from '../lane.ts'

const TILE_PX = 14
/** Nearer marks are drawn as one: those of reports do not overlap. */
const GAP_PX = 10

type MarkLook = 'report' | 'reports' | 'request'

const RADIUS: Readonly<Record<MarkLook, number>> = { report: 3.5, reports: 4.5, request: 5.5 }

interface DrawnMark {
  /** Pixels from the left edge of the chart. */
  readonly x: number
  readonly look: MarkLook
}

/** The marks in view, reports before requested changes, which are drawn over them. */
export const drawnMarks = (marks: readonly Mark[], window: TimeWindow, width: number): readonly DrawnMark[] => {
  const reports: DrawnMark[] = []
  const requests: DrawnMark[] = []
  for (const { time, type, count } of marks) {
    const x = xOf(window, width, time)
    if (x < -TILE_PX || x > width + TILE_PX) continue
    const isRequest = isCommandType(type)
    const drawn = isRequest ? requests : reports
    const last = drawn.at(-1)
    if (last === undefined || x - last.x >= GAP_PX)
      drawn.push({ x, look: isRequest ? 'request' : count > 1 ? 'reports' : 'report' })
    else if (!isRequest) drawn[drawn.length - 1] = { x: last.x, look: 'reports' }
  }
  return [...reports, ...requests]
}

const tile = (radius: number, fill: string, stroke: string, ratio: number): ImageBitmap => {
  const side = Math.round(TILE_PX * ratio)
  const canvas = new OffscreenCanvas(side, side)
  const context = canvas.getContext('2d')!
  context.scale(ratio, ratio)
  const middle = TILE_PX / 2
  context.beginPath()
  context.moveTo(middle, middle - radius)
  context.lineTo(middle + radius, middle)
  context.lineTo(middle, middle + radius)
  context.lineTo(middle - radius, middle)
  context.closePath()
  context.fillStyle = fill
  context.fill()
  context.lineWidth = 1.25
  context.strokeStyle = stroke
  context.stroke()
  return canvas.transferToImageBitmap()
}

export type MarkTiles = Readonly<Record<MarkLook, ImageBitmap>>

/** Copying a picture takes a fraction of the time of drawing its outline. */
export const markTiles = ({ ink, accent, surface }: Palette, ratio: number): MarkTiles => ({
  report: tile(RADIUS.report, ink, surface, ratio),
  reports: tile(RADIUS.reports, ink, surface, ratio),
  request: tile(RADIUS.request, accent, surface, ratio),
})

export const drawMarks = (
  context: CanvasRenderingContext2D,
  marks: readonly DrawnMark[],
  y: number,
  tiles: MarkTiles,
): void => {
  for (const { x, look } of marks)
    context.drawImage(tiles[look], Math.round(x) - TILE_PX / 2, y - TILE_PX / 2, TILE_PX, TILE_PX)
}
