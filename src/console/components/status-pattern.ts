import type { LaneStatus } from '../lanes/lane.ts'
import type { Palette } from './palette.ts'

const TILE = 8

type Draw = (context: CanvasRenderingContext2D) => void

const line = (context: CanvasRenderingContext2D, ...points: readonly (readonly [number, number])[]): void => {
  context.beginPath()
  for (const [index, [x, y]] of points.entries()) {
    if (index % 2 === 0) context.moveTo(x, y)
    else context.lineTo(x, y)
  }
  context.stroke()
}

const rising: Draw = context => line(context, [-2, 10], [10, -2], [-2, 2], [2, -2], [6, 10], [10, 6])
const falling: Draw = context => line(context, [-2, -2], [10, 10], [-2, 6], [2, 10], [6, -2], [10, 2])

/** Statuses differ in pattern as well as in colour. */
const PATTERNS: Readonly<Record<LaneStatus, Draw | undefined>> = {
  Ready: undefined,
  Pending: rising,
  Error: context => {
    rising(context)
    falling(context)
  },
  Unknown: context => {
    context.fillStyle = context.strokeStyle
    context.fillRect(1, 1, 2, 2)
    context.fillRect(5, 5, 2, 2)
  },
  NotObserved: context => line(context, [0, 4], [4, 4]),
}

const tile = (draw: Draw | undefined, background: string | undefined, stroke: string, ratio: number) => {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = TILE * ratio
  const context = canvas.getContext('2d')!
  context.scale(ratio, ratio)
  if (background !== undefined) {
    context.fillStyle = background
    context.fillRect(0, 0, TILE, TILE)
  }
  context.strokeStyle = stroke
  context.lineWidth = 1.25
  context.globalAlpha = 0.75
  draw?.(context)
  return canvas
}

export type StatusPatterns = Readonly<Record<LaneStatus, CanvasPattern>>

export const statusPatterns = ({ statuses }: Palette, ratio: number): StatusPatterns => {
  const context = document.createElement('canvas').getContext('2d')!
  const pattern = (status: LaneStatus): CanvasPattern => {
    const { fill, stroke } = statuses[status]
    const background = status === 'NotObserved' ? undefined : fill
    const made = context.createPattern(tile(PATTERNS[status], background, stroke, ratio), 'repeat')!
    made.setTransform(new DOMMatrix().scale(1 / ratio))
    return made
  }
  return {
    Ready: pattern('Ready'),
    Pending: pattern('Pending'),
    Error: pattern('Error'),
    Unknown: pattern('Unknown'),
    NotObserved: pattern('NotObserved'),
  }
}
