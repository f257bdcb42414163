import { type ReadonlySignal, useComputed, useSignal, useSignalEffect } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { isConnected } from '../api/subscription.ts'
import { isNarrow } from '../components/narrow.ts'
import { Toggle } from '../components/toggle.tsx'
import { type Size, useSize } from '../components/use-canvas.ts'
import { head, record, shownWindow } from '../time/log.ts'
import { EventLog } from './event-log.tsx'
import { NO_FILTER } from './filter.ts'
import { addressedFilter, areLanesFolded, chooseFilter, chooseView, isTable } from './filter-address.ts'
import { LaneAxis } from './lane-axis.tsx'
import { LaneChart } from './lane-chart.tsx'
import { LaneFilters } from './lane-filters.tsx'
import { LaneLabels } from './lane-labels.tsx'
import { LaneStore } from './lane-store.ts'
import { type RowRange, rowsIn, totalHeight } from './row-layout.ts'
import { LaneTable } from './table/lane-table.tsx'

/** Before it is known how many there are. */
const FIRST_ROWS = 20

const useLoading = (store: LaneStore, rows: ReadonlySignal<RowRange>, size: ReadonlySignal<Size>): void => {
  // The chart has no width while the table is shown.
  const latestWidth = useRef(0)
  const hasConditions = useComputed(() => store.unfolded.value.size > 0)
  const width = useComputed(() => {
    latestWidth.current = size.value.width || latestWidth.current || (isTable.value ? innerWidth : 0)
    return latestWidth.current
  })
  useSignalEffect(() => {
    const window = shownWindow.value
    const { first, end } = rows.value
    // Read so that their changes load again.
    void [store.filter.value, head.value, hasConditions.value, isConnected.value]
    if (window !== undefined && width.value > 0)
      store.load(window, width.value, first, store.total.peek() === undefined ? FIRST_ROWS : end)
  })
}

const useRows = (store: LaneStore, scrollTop: ReadonlySignal<number>, view: ReadonlySignal<Size>) => {
  const latest = useRef<RowRange>({ first: 0, end: 0 })
  return useComputed(() => {
    const { first, end } = rowsIn(store.layout.value, scrollTop.value, view.value.height)
    if (first !== latest.current.first || end !== latest.current.end) latest.current = { first, end }
    return latest.current
  })
}

const Nothing = ({ store }: { readonly store: LaneStore }) =>
  record.value === undefined ? (
    <p class="empty">
      Nothing is recorded yet. Apply a manifest with <code>hark apply -f</code>, and it appears here.
    </p>
  ) : store.total.value === 0 ? (
    <p class="empty">
      No lane matches the filters in this window.{' '}
      <button type="button" onClick={() => chooseFilter(NO_FILTER)}>
        Clear the filters
      </button>
    </p>
  ) : null

const createStore = (): LaneStore => {
  const store = new LaneStore()
  store.setFilter(addressedFilter.peek())
  return store
}

export const LanesPage = () => {
  const store = useRef<LaneStore | undefined>(undefined)
  store.current ??= createStore()
  const lanes = store.current
  const scroller = useRef<HTMLDivElement>(null)
  const chart = useRef<HTMLDivElement>(null)
  const scrollTop = useSignal(0)
  const view = useSize(scroller)
  const width = useSize(chart)
  const size = useComputed(() => ({ width: width.value.width, height: view.value.height }))
  const rows = useRows(lanes, scrollTop, view)
  const tableRows = useSignal<RowRange>({ first: 0, end: 0 })
  const needed = useComputed(() => (isTable.value ? tableRows.value : rows.value))
  useSignalEffect(() => lanes.setFilter(addressedFilter.value))
  useLoading(lanes, needed, size)
  useEffect(() => () => lanes.end(), [])

  const isEmpty = record.value === undefined || lanes.total.value === 0
  const isFolded = areLanesFolded.value
  const isChart = !isTable.value && !isFolded && !isEmpty
  return (
    <main class="lanes" id="main">
      <h1 class="visually-hidden">Timeline</h1>
      <div class="lanes-head">
        {isNarrow.value ? (
          <details>
            <summary class="button">Filters</summary>
            <LaneFilters store={lanes} />
          </details>
        ) : (
          <LaneFilters store={lanes} />
        )}
        <Toggle
          words="Table"
          title="The same as text"
          isOn={isTable.value}
          onToggle={() => chooseView(isTable.value ? undefined : 'table')}
        />
        {(isNarrow.value || isFolded) && (
          <Toggle
            words="Lanes"
            title="Without them, events have more room"
            isOn={!isFolded}
            onToggle={() => chooseView(isFolded ? undefined : 'events')}
          />
        )}
      </div>
      {lanes.error.value && (
        <p class="notice" role="alert">
          {lanes.error.value.message}
        </p>
      )}
      <Nothing store={lanes} />
      {isChart && <LaneAxis width={width.value.width} />}
      {isTable.value && !isEmpty && <LaneTable store={lanes} needed={tableRows} />}
      <div
        class="lanes-scroll"
        ref={scroller}
        hidden={!isChart}
        onScroll={() => (scrollTop.value = scroller.current?.scrollTop ?? 0)}
      >
        <div class="lanes-rows" style={{ height: `${totalHeight(lanes.layout.value)}px` }}>
          <LaneLabels store={lanes} rows={rows} />
          <div class="lanes-canvas" ref={chart}>
            <LaneChart store={lanes} scroller={scroller} scrollTop={scrollTop} size={size} />
          </div>
        </div>
      </div>
      {record.value !== undefined && <EventLog store={lanes} />}
    </main>
  )
}
