import type { ReadonlySignal } from '@preact/signals'
import { now } from '../time/clock.ts'
import { formatClock, formatDate } from '../time/format-time.ts'
import { record, shownWindow, zone } from '../time/log.ts'
import { momentAt, presentIn } from '../time/present.ts'

const HALF_PX = 88

/** The time at a place of the time bar as it is shown; undefined where that is the present. */
export const momentUnder = (x: number, width: number): number | undefined => {
  const [window, span] = [shownWindow.peek(), record.peek()]
  return window && span && momentAt(window, presentIn(window, span, now.peek(), width), width, x)
}

interface Properties {
  readonly x: ReadonlySignal<number | undefined>
  readonly width: number
}

/** States which moment a click would show. */
export const HoverTime = ({ x: { value: x }, width }: Properties) => {
  if (x === undefined) return null
  const time = momentUnder(x, width)
  return (
    <span
      class="hover-time"
      aria-hidden="true"
      style={{ left: `${Math.max(Math.min(x, width - HALF_PX), HALF_PX)}px` }}
    >
      {time === undefined ? 'now' : `${formatDate(time, zone.value)} ${formatClock(time, zone.value)}`}
    </span>
  )
}
