import { now } from '../time/clock.ts'
import { formatDate } from '../time/format-time.ts'
import { record, shownWindow, zone } from '../time/log.ts'
import { presentIn } from '../time/present.ts'
import { ticksOf } from '../time/ticks.ts'

const NOW_PX = 56

/** Times above the lanes, which are far from those of the time bar. */
export const LaneAxis = ({ width }: { readonly width: number }) => {
  const window = shownWindow.value
  const span = record.value
  if (window === undefined || span === undefined || width === 0) return null
  const present = presentIn(window, span, now.value, width)
  const end = Math.min(present?.breakX ?? width, (present?.x ?? width) - NOW_PX)
  return (
    <div class="lane-axis" aria-hidden="true">
      <span class="lane-axis-date">{formatDate(window.from, zone.value)}</span>
      <div>
        {ticksOf(window, width, zone.value)
          .filter(({ x }) => x > 24 && x < end - 24)
          .map(({ time, x, label }) => (
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
