import { statusWords } from '../components/status.tsx'
import { TimeText } from '../components/time-text.tsx'
import { shortMessage } from '../events/describe-event.ts'
import { showEvent, showTime } from '../time/log.ts'
import type { Lane, Segment } from './lane.ts'
import type { LaneStore } from './lane-store.ts'
import { selectLane } from './selection.ts'
import { SpanEnd, spanDuration, spanNow } from './span-text.tsx'

const show = (lane: Lane, segment: Segment): void => {
  selectLane(lane)
  const { position, from } = segment
  if (position === undefined || segment === lane.segments[0]) showTime(from)
  else showEvent(position, from)
}

const SegmentRow = ({ lane, segment }: { readonly lane: Lane; readonly segment: Segment }) => {
  const words = statusWords(segment.status, lane.kind)
  const span = spanNow(lane, segment)
  return (
    <tr>
      <th scope="row">
        {lane.kind} {lane.name}
      </th>
      <td>{lane.namespace}</td>
      <td title={segment.message}>
        {words}
        {segment.message && segment.message !== words && `: ${shortMessage(segment.message)}`}
      </td>
      <td>
        <button type="button" class="quiet" onClick={() => show(lane, segment)}>
          {span.isEarlier && 'before '}
          <TimeText time={segment.from} />
        </button>
      </td>
      <td>
        {span.isLater && 'after '}
        {span.isLasting ? 'still' : <SpanEnd {...span} />}
      </td>
      <td class="number">{spanDuration(span)}</td>
    </tr>
  )
}

export const LaneTable = ({ store }: { readonly store: LaneStore }) => (
  <section class="table-scroll" aria-label="Lanes" tabIndex={0}>
    <table class="data">
      <thead>
        <tr>
          <th scope="col">Resource</th>
          <th scope="col">Namespace</th>
          <th scope="col">Status</th>
          <th scope="col">From</th>
          <th scope="col">Until</th>
          <th scope="col" class="number">
            For
          </th>
        </tr>
      </thead>
      <tbody>
        {store.rows.value.flatMap(row =>
          (row?.lane.segments ?? [])
            .filter(({ status }) => status !== undefined)
            .map(segment => <SegmentRow key={`${row!.lane.key} ${segment.from}`} lane={row!.lane} segment={segment} />),
        )}
      </tbody>
    </table>
  </section>
)
