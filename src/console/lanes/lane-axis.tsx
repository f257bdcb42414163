import { now } from '../time/clock.ts'
import { formatDate } from '../time/format-time.ts'
import { record, shownWindow, zone } from '../time/log.ts'
import { type Present, presentIn } from '../time/present.ts'
import { type Tick, ticksOf } from '../time/ticks.ts'
import type { TimeWindow } from '../time/time-window.ts'
import type { TimeZone } from '../time/time-zone.ts'

const NOW_PX = 56
/** Half of a label. */
const LABEL_PX = 24

/** Ticks whose labels fit beside that of the present. */
export const labelledTicks = (
  window: TimeWindow,
  present: Present | undefined,
  width: number,
  timeZone: TimeZone,
): readonly Tick[] => {
  const end = Math.min(present?.breakX ?? width, (present?.x ?? width) - NOW_PX)
  return ticksOf(window, width, timeZone).filter(({ x }) => x > LABEL_PX && x < end - LABEL_PX)
}

/** Times above the lanes, which are far from those of the time bar. */
export const LaneAxis = ({ width }: { readonly width: number }) => {
  const window = shownWindow.value
  const span = record.value
  if (window === undefined || span === undefined || width === 0) return <div class="lane-axis" aria-hidden="true" />
  const present = presentIn(window, span, now.value, width)
  return (
    <div class="lane-axis" aria-hidden="true">
      <span class="lane-axis-date">{formatDate(window.from, zone.value)}</span>
      <div>
        {labelledTicks(window, present, width, zone.value).map(({ time, x, label }) => (
          <span key={time} style={{ left: `${x}px` }}>
            {label}
          </span>
        ))}
        {present && (
          <span class="lane-axis-now" style={{ left: `${Math.min(present.x, width - 18)}px` }}>
            now
          </span>
        )}
      </div>
    </div>
  )
}
