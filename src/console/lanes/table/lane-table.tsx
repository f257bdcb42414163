import type { Signal } from '@preact/signals'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { ROW_PX, Spacer, useRowsInView } from '../../components/rows-in-view.tsx'
import { statusWords } from '../../components/status.tsx'
import { TimeText } from '../../components/time-text.tsx'
import { shortMessage } from '../../events/describe-event.ts'
import { showEvent, showTime } from '../../time/log.ts'
import type { Lane, Segment } from '../lane.ts'
import type { LaneStore } from '../lane-store.ts'
import type { RowRange } from '../row-layout.ts'
import { selectLane } from '../selection.ts'
import { SpanEnd, spanDuration, spanNow } from '../span-text.tsx'
import { lanesBehind, spansOf } from './lane-spans.ts'

const show = (lane: Lane, segment: Segment): void => {
  selectLane(lane)
  const { position, from } = segment
  if (position === undefined || segment === lane.segments[0]) showTime(from)
  else showEvent(position, from)
}

interface SegmentProperties {
  readonly lane: Lane
  readonly segment: Segment
  readonly index: number
}

const SegmentRow = ({ lane, segment, index }: SegmentProperties) => {
  const words = statusWords(segment.status, lane.kind)
  const span = spanNow(lane, segment)
  return (
    <tr aria-rowindex={index + 2}>
      <th scope="row" title={lane.name}>
        {lane.kind} {lane.name}
      </th>
      <td title={lane.namespace}>{lane.namespace}</td>
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

const COLUMNS = [
  { words: 'Resource', width: '14%' },
  { words: 'Namespace', width: '10%' },
  { words: 'Status', width: undefined },
  { words: 'From', width: '15.5rem' },
  { words: 'Until', width: '15.5rem' },
  { words: 'For', width: '8rem', isNumber: true },
] as const

const Head = () => (
  <thead>
    <tr aria-rowindex={1}>
      {COLUMNS.map(({ words, width, ...column }) => (
        <th key={words} scope="col" class={'isNumber' in column ? 'number' : undefined} style={width && { width }}>
          {words}
        </th>
      ))}
    </tr>
  </thead>
)

interface TableProperties {
  readonly store: LaneStore
  /** Receives the lanes that are needed for what is on the screen. */
  readonly needed: Signal<RowRange>
}

export const LaneTable = ({ store, needed }: TableProperties) => {
  const scroller = useRef<HTMLElement>(null)
  const rows = store.rows.value
  const loaded = useMemo(() => spansOf(rows), [rows])
  const { spans, lanes } = loaded
  const { first, end, onScroll } = useRowsInView(scroller, spans.length)
  const isWhole = lanes >= (store.total.value ?? 0)
  useEffect(() => {
    const range = lanesBehind(loaded, { first, end })
    const { first: before, end: until } = needed.peek()
    if (range.first !== before || range.end !== until) needed.value = range
  }, [loaded, first, end])
  return (
    <section class="table-scroll" ref={scroller} aria-label="Lanes" tabIndex={0} onScroll={onScroll}>
      <table class="data fixed lane-table" aria-rowcount={isWhole ? spans.length + 1 : -1} aria-busy={!isWhole}>
        <Head />
        <tbody>
          <Spacer height={first * ROW_PX} columns={COLUMNS.length} />
          {spans.slice(first, end).map(({ lane, segment }, offset) => (
            <SegmentRow key={`${lane.key} ${segment.from}`} lane={lane} segment={segment} index={first + offset} />
          ))}
          <Spacer height={(spans.length - end) * ROW_PX} columns={COLUMNS.length} />
        </tbody>
      </table>
    </section>
  )
}
