import { useRef } from 'preact/hooks'
import { palette } from '../../components/palette.ts'
import { type Size, useDrawing } from '../../components/use-canvas.ts'
import { momentTime, shownWindow } from '../../time/log.ts'
import { xOf } from '../../time/time-window.ts'

/** The line of the moment, and a veil over what comes after it: a moment that moves leaves the lanes as they are drawn. */
export const MomentLayer = ({ size }: { readonly size: { readonly value: Size } }) => {
  const canvas = useRef<HTMLCanvasElement>(null)
  useDrawing(
    canvas,
    (context, { width, height }) => {
      const moment = momentTime.value
      // Before the window is read: without a moment, zooming draws nothing.
      const window = moment === undefined ? undefined : shownWindow.value
      if (window === undefined || moment === undefined) return
      const { veil, pastLine } = palette.value
      const x = xOf(window, width, moment)
      const left = Math.max(x, 0)
      context.fillStyle = veil
      context.fillRect(left, 0, width - left, height)
      context.fillStyle = pastLine
      context.fillRect(Math.round(x) - 1, 0, 2, height)
    },
    size,
  )
  return <canvas ref={canvas} class="moment-layer" aria-hidden="true" />
}
