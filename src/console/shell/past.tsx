import { at } from '../routes/navigation.ts'
import { now } from '../time/clock.ts'
import { formatDuration, formatTime } from '../time/format-time.ts'
import { isAfterHead, momentTime, showPresent, zone } from '../time/log.ts'

export const isPast = (): boolean => at.value !== undefined && !isAfterHead.value

/** States on every page that it does not show the present. */
export const Past = () => {
  if (!isPast()) return null
  const time = momentTime.value
  return (
    <div class="past">
      <span>
        As of <strong>{time === undefined ? `event ${Number(at.value)}` : formatTime(time, zone.value)}</strong>
        {time !== undefined && <span class="past-ago">, {formatDuration(Math.max(now.value - time, 0))} ago</span>}
      </span>
      <button type="button" class="primary" onClick={showPresent}>
        Back to now
      </button>
    </div>
  )
}
