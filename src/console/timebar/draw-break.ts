import type { Palette } from '../components/palette.ts'
import type { Present } from '../time/present.ts'

const BREAK_PX = 8

export const drawBreak = (
  context: CanvasRenderingContext2D,
  present: Present | undefined,
  palette: Palette,
  height: number,
): void => {
  if (present?.breakX === undefined) return
  const left = Math.round(present.breakX - BREAK_PX / 2)
  context.fillStyle = palette.surface
  context.fillRect(left, 0, BREAK_PX, height)
  context.fillStyle = palette.lineStrong
  for (let y = 0; y < height; y += 6)
    for (const x of [left - 1, left + BREAK_PX]) context.fillRect(x, y, 1, Math.min(3, height - y))
}
