import { TimeText } from '../../components/time-text.tsx'
import { now } from '../../time/clock.ts'
import { formatClock, formatDate } from '../../time/format-time.ts'
import { record, zone } from '../../time/log.ts'
import type { Lane, Segment } from '../lane.ts'
import { durationWords, type StatusSpan, statusSpan } from './status-span.ts'

/** The span of a status as of the clock. */
export const spanNow = (lane: Pick<Lane, 'segments'>, segment: Segment): StatusSpan =>
  statusSpan(lane, segment, { now: now.value, last: record.value?.last ?? 0 })

/** The end of a span, without the date if it is that of the beginning. */
export const SpanEnd = ({ from, to }: Pick<StatusSpan, 'from' | 'to'>) =>
  formatDate(from, zone.value) === formatDate(to, zone.value) ? (
    <time dateTime={new Date(to).toISOString()}>{formatClock(to, zone.value)}</time>
  ) : (
    <TimeText time={to} />
  )

/** `from … until …`, or `since …, still`. */
export const SpanText = ({ span }: { readonly span: StatusSpan }) => (
  <>
    {span.isLasting ? 'since ' : 'from '}
    {span.isEarlier && 'before '}
    <TimeText time={span.from} />
    {span.isLasting ? (
      ', still'
    ) : (
      <>
        {span.isLater ? ' until after ' : ' until '}
        <SpanEnd {...span} />
      </>
    )}
  </>
)

export const spanDuration = (span: StatusSpan): string =>
  span.isLasting ? `${durationWords(span)} so far` : durationWords(span)
