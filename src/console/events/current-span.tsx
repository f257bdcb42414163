import { TimeText } from '../components/time-text.tsx'
import type { LaneStatus } from '../lanes/lane.ts'
import { SpanEnd } from '../lanes/status/span-text.tsx'
import { now } from '../time/clock.ts'
import { formatDuration } from '../time/format-time.ts'
import { isPast, momentTime } from '../time/log.ts'
import { currentStatus, type StatusChanges } from './status-changes.ts'

interface Properties {
  /** At the moment that the page shows. */
  readonly status: LaneStatus
  readonly changes: StatusChanges | undefined
}

/** Since when the status at the moment that the page shows lasts, and until when if it ended. */
export const CurrentSpan = ({ status, changes }: Properties) => {
  const current = changes && currentStatus(changes)
  // The status and its changes do not arrive together.
  if (current === undefined || current.status !== status) return null
  const { from, to } = current
  if (to !== undefined)
    return (
      <span class="soft">
        from <TimeText time={from} /> until <SpanEnd from={from} to={to} /> ({formatDuration(to - from)})
      </span>
    )
  const end = isPast.value ? momentTime.value : now.value
  const lasted = formatDuration(Math.max((end ?? from) - from, 0))
  return (
    <span class="soft">
      since <TimeText time={from} />
      {isPast.value ? `, for ${lasted} by then` : `, still (${lasted} so far)`}
    </span>
  )
}
