import { signal } from '@preact/signals'
import { useLoad } from '../../api/use-query.ts'
import { TimeText } from '../../components/time-text.tsx'
import type { PageKind } from '../../routes/route.ts'
import { now } from '../../time/clock.ts'
import { formatDuration } from '../../time/format-time.ts'
import { isPast, momentTime, record, version } from '../../time/log.ts'
import { keyOf, type Lane, type LaneStatus } from '../lane.ts'
import { type CurrentStatus, currentStatus } from './current-status.ts'
import { segmentsOfResource } from './load-segments.ts'
import { SpanEnd } from './span-text.tsx'
import { statusStart } from './status-start.ts'

/** The lane of the resource that the page or the panel is about, as it was loaded last. */
export const laneInFocus = signal<Lane | undefined>(undefined)

interface Properties {
  readonly kind: PageKind
  readonly namespace: string
  readonly name: string
  /** At the moment that the page shows. */
  readonly status: LaneStatus
}

/** Of the lane at hand, or loaded where that is too coarse or does not reach as far. */
const useCurrentStatus = (subject: Properties): CurrentStatus | undefined => {
  const last = record.value?.last ?? 0
  const time = isPast.value ? momentTime.value : Math.max(now.value, last)
  const key = keyOf(subject)
  const lane = laneInFocus.value?.key === key ? laneInFocus.value : undefined
  const known = lane && time !== undefined ? currentStatus(lane, time, isPast.value, last) : undefined
  const isUnknown = known === undefined && time !== undefined && record.value !== undefined
  const loadKey = isUnknown ? `${key} ${isPast.value ? time : 'now'}` : undefined
  const { data } = useLoad(loadKey, version.value, async stop => {
    const start = await statusStart(segmentsOfResource(subject, stop), time as number, record.peek()?.first ?? 0)
    return { loadKey, version: version.peek(), start }
  }).value
  if (known !== undefined) return known
  return data?.loadKey === loadKey && data?.version === version.value ? data?.start : undefined
}

/** Since when the status at the moment that the page shows lasts, and until when as far as that is known. */
export const CurrentSpan = (subject: Properties) => {
  const current = useCurrentStatus(subject)
  if (current === undefined || current.status !== subject.status) return null
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
