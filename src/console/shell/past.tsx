import { focusOn } from '../components/focus.ts'
import { at } from '../routes/navigation.ts'
import { now } from '../time/clock.ts'
import { formatDuration, formatTime } from '../time/format-time.ts'
import { isPast, momentTime, showPresent, zone } from '../time/log.ts'

/** The button disappears; the focus moves to one that stays. */
const leave = (): void => {
  showPresent()
  focusOn(document.querySelector<HTMLElement>('.live'))
}

/** States on every page that it does not show the present. */
export const Past = () => {
  if (!isPast.value) return null
  const time = momentTime.value
  return (
    <div class="past">
      <span>
        As of <strong>{time === undefined ? `event ${Number(at.value)}` : formatTime(time, zone.value)}</strong>
        {time !== undefined && <span class="past-ago">, {formatDuration(Math.max(now.value - time, 0))} ago</span>}
      </span>
      <button type="button" class="primary" title="Back to now (L)" onClick={leave}>
        Back to now
      </button>
    </div>
  )
}
