import type { Signal } from '@preact/signals'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { isNarrow } from '../../components/narrow.ts'
import { ROW_PX, Spacer, useRowsInView } from '../../components/rows-in-view.tsx'
import { StatusBadge, statusWords } from '../../components/status.tsx'
import { TimeText } from '../../components/time-text.tsx'
import { shortMessage } from '../../events/describe-event.ts'
import { showEvent, showTime } from '../../time/log.ts'
import { type Lane, positionText, type Segment } from '../lane.ts'
import type { LaneStore } from '../lane-store.ts'
import type { RowRange } from '../row-layout.ts'
import { selectLane } from '../selection.ts'
import { SpanEnd, spanDuration, spanNow } from '../status/span-text.tsx'
import { durationWords, type StatusSpan } from '../status/status-span.ts'
import { lanesBehind, spansOf } from './lane-spans.ts'

const show = (lane: Lane, segment: Segment): void => {
  const { position, from } = segment
  if (position === undefined || segment === lane.segments[0]) showTime(from)
  else showEvent(positionText(position), from)
  selectLane(lane)
}

interface SegmentProperties {
  readonly lane: Lane
  readonly segment: Segment
  readonly index: number
}

/** The router of a namespace has its name. */
const resourceWords = ({ kind, namespace, name }: Lane): string =>
  kind === 'Router' && name === namespace ? kind : `${kind} ${name}`

const Status = ({ lane, segment: { status, message, changes } }: Omit<SegmentProperties, 'index'>) => (
  <div class="two-lines">
    {changes > 0 && `${changes} changes, with `}
    <StatusBadge status={status} kind={lane.kind} />{' '}
    {message !== statusWords(status, lane.kind) && message && shortMessage(message)}
  </div>
)

const From = ({ lane, segment, span }: Omit<SegmentProperties, 'index'> & { readonly span: StatusSpan }) => (
  <button type="button" class="quiet link" onClick={() => show(lane, segment)}>
    {span.isEarlier && 'before '}
    <TimeText time={segment.from} />
  </button>
)

const WideRow = ({ lane, segment, index }: SegmentProperties) => {
  const span = spanNow(lane, segment)
  return (
    <tr aria-rowindex={index + 2}>
      <th scope="row" title={lane.name}>
        <div class="two-lines">{resourceWords(lane)}</div>
      </th>
      <td title={lane.namespace}>{lane.namespace}</td>
      <td title={segment.message}>
        <Status lane={lane} segment={segment} />
      </td>
      <td>
        <From lane={lane} segment={segment} span={span} />
      </td>
      <td>
        {span.isLater && 'after '}
        {span.isLasting ? 'still' : <SpanEnd {...span} />}
      </td>
      <td class="number">{segment.changes === 0 && durationWords(span)}</td>
    </tr>
  )
}

const NarrowRow = ({ lane, segment, index }: SegmentProperties) => {
  const span = spanNow(lane, segment)
  return (
    <tr aria-rowindex={index + 2}>
      <th scope="row">
        <div class="two-lines">
          {resourceWords(lane)} <span class="soft below">{lane.namespace}</span>
        </div>
      </th>
      <td>
        <Status lane={lane} segment={segment} />
      </td>
      <td>
        <div class="two-lines">
          <From lane={lane} segment={segment} span={span} />
          {segment.changes === 0 && <span class="below">{spanDuration(span)}</span>}
        </div>
      </td>
    </tr>
  )
}

interface TableColumn {
  readonly words: string
  readonly width: string | undefined
  readonly isNumber?: boolean
}

const WIDE_COLUMNS: readonly TableColumn[] = [
  { words: 'Resource', width: '15%' },
  { words: 'Namespace', width: '11rem' },
  { words: 'Status', width: undefined },
  { words: 'From', width: '17rem' },
  { words: 'Until', width: '17rem' },
  { words: 'For', width: '7.5rem', isNumber: true },
]

const NARROW_COLUMNS: readonly TableColumn[] = [
  { words: 'Resource', width: '31%' },
  { words: 'Status', width: undefined },
  { words: 'From, for', width: '29%' },
]

/** Five lines of smaller text. */
const NARROW_ROW_PX = 88

const Head = ({ columns }: { readonly columns: readonly TableColumn[] }) => (
  <thead>
    <tr aria-rowindex={1}>
      {columns.map(({ words, width, isNumber }) => (
        <th key={words} scope="col" class={isNumber ? 'number' : undefined} style={width && { width }}>
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
  const [columns, SegmentRow, rowPx] = isNarrow.value
    ? [NARROW_COLUMNS, NarrowRow, NARROW_ROW_PX]
    : [WIDE_COLUMNS, WideRow, ROW_PX]
  const loaded = useMemo(() => spansOf(rows), [rows])
  const { spans, lanes } = loaded
  const { first, end, onScroll } = useRowsInView(scroller, spans.length, rowPx)
  const isWhole = lanes >= (store.total.value ?? 0)
  useEffect(() => {
    const range = lanesBehind(loaded, { first, end })
    const { first: before, end: until } = needed.peek()
    if (range.first !== before || range.end !== until) needed.value = range
  }, [loaded, first, end])
  return (
    <section class="table-scroll" ref={scroller} aria-label="Lanes" tabIndex={0} onScroll={onScroll}>
      <table
        class="data fixed lane-table"
        style={{ '--row': `${rowPx}px` }}
        aria-rowcount={isWhole ? spans.length + 1 : -1}
        aria-busy={!isWhole}
      >
        <Head columns={columns} />
        <tbody>
          <Spacer height={first * rowPx} columns={columns.length} />
          {spans.slice(first, end).map(({ lane, segment }, offset) => (
            <SegmentRow key={`${lane.key} ${segment.from}`} lane={lane} segment={segment} index={first + offset} />
          ))}
          <Spacer height={(spans.length - end) * rowPx} columns={columns.length} />
        </tbody>
      </table>
    </section>
  )
}
