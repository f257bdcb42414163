import type { Palette } from '../components/palette.ts'
import type { Size } from '../components/use-canvas.ts'
import { type Tick, ticksOf } from '../time/ticks.ts'
import { type TimeWindow, xOf } from '../time/time-window.ts'
import type { TimeZone } from '../time/time-zone.ts'
import { type Density, densityBars } from './density.ts'

export const AXIS_HEIGHT = 20

export const FONT = '11px system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif'

interface TimeBarPicture {
  readonly window: TimeWindow
  readonly density: Density | undefined
  readonly last: number
  readonly moment: number | undefined
  readonly zone: TimeZone
  readonly palette: Palette
}

const drawAxis = (context: CanvasRenderingContext2D, ticks: readonly Tick[], palette: Palette, size: Size): void => {
  const top = size.height - AXIS_HEIGHT
  context.font = FONT
  context.textBaseline = 'middle'
  for (const { x, label, isMajor } of ticks) {
    context.fillStyle = isMajor ? palette.lineStrong : palette.line
    context.fillRect(Math.round(x), 0, 1, top + 4)
    context.fillStyle = isMajor ? palette.ink : palette.inkSoft
    const { width } = context.measureText(label)
    context.textAlign = 'left'
    const left = Math.min(Math.max(x - width / 2, 4), size.width - width - 4)
    context.fillText(label, left, top + AXIS_HEIGHT / 2 + 1)
  }
}

export const drawTimeBar = (context: CanvasRenderingContext2D, picture: TimeBarPicture, size: Size): void => {
  const { window, density, last, moment, zone, palette } = picture
  const bottom = size.height - AXIS_HEIGHT
  drawAxis(context, ticksOf(window, size.width, zone), palette, size)
  context.fillStyle = palette.line
  context.fillRect(0, bottom, size.width, 1)
  if (density !== undefined) {
    context.fillStyle = palette.density
    for (const { x, width, height } of densityBars(density, window, size.width)) {
      const tall = Math.max(Math.round(height * (bottom - 14)), 3)
      context.fillRect(x, bottom - tall, Math.max(width - 1, 2), tall)
    }
  }
  const end = xOf(window, size.width, last)
  if (end < size.width) {
    context.fillStyle = palette.sunken
    context.globalAlpha = 0.6
    context.fillRect(Math.max(end + 3, 0), 0, size.width - end, bottom)
    context.globalAlpha = 1
  }
  if (moment !== undefined) {
    const x = xOf(window, size.width, moment)
    context.fillStyle = palette.surface
    context.globalAlpha = 0.6
    context.fillRect(Math.max(x, 0), 0, size.width - x, bottom)
    context.globalAlpha = 1
  }
}
