import { statusWords } from '../components/status.tsx'
import { TimeText } from '../components/time-text.tsx'
import { showEvent, showTime } from '../time/log.ts'
import type { Lane, Segment } from './lane.ts'
import type { LaneStore } from './lane-store.ts'
import { beginsEarlier, durationWords } from './segment-duration.ts'
import { selectLane } from './selection.ts'

const show = (lane: Lane, segment: Segment): void => {
  selectLane(lane)
  const { position, from } = segment
  if (position === undefined || beginsEarlier(lane, segment)) showTime(from)
  else showEvent(position, from)
}

const SegmentRow = ({ lane, segment }: { readonly lane: Lane; readonly segment: Segment }) => (
  <tr>
    <th scope="row">
      {lane.kind} {lane.name}
    </th>
    <td>{lane.namespace}</td>
    <td>
      {statusWords(segment.status, lane.kind)}
      {segment.message && `: ${segment.message}`}
    </td>
    <td>
      <button type="button" class="quiet" onClick={() => show(lane, segment)}>
        {beginsEarlier(lane, segment) && 'before '}
        <TimeText time={segment.from} />
      </button>
    </td>
    <td class="number">{durationWords(lane, segment)}</td>
  </tr>
)

export const LaneTable = ({ store }: { readonly store: LaneStore }) => (
  <section class="table-scroll" aria-label="Lanes" tabIndex={0}>
    <table class="data">
      <thead>
        <tr>
          <th scope="col">Resource</th>
          <th scope="col">Namespace</th>
          <th scope="col">Status</th>
          <th scope="col">Since</th>
          <th scope="col">For</th>
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
