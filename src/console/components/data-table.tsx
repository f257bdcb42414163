import { useSignal } from '@preact/signals'
import type { ComponentChild, VNode } from 'preact'
import { useMemo, useRef } from 'preact/hooks'
import { at } from '../routes/navigation.ts'
import { isNarrow } from './narrow.ts'
import { focusedSlot, RowSlots } from './row-slots.ts'
import { ROW_PX, Spacer, useRowsInView } from './rows-in-view.tsx'
import { nextOrder, type Order, type Sortable, searchRows, sortRows } from './table-rows.ts'

export interface Column<Row> extends Sortable<Row> {
  readonly words: string
  /** @param above undefined in the first row */
  readonly cell?: (row: Row, above: Row | undefined) => ComponentChild
  readonly isNumber?: boolean
  readonly isMinor?: boolean
  /** A table with widths does not depend on which of its rows are rendered. */
  readonly width?: string
}

interface Properties<Row> {
  readonly label: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  /** More than `rows` while others load. */
  readonly total?: number
  /** Receives how many rows are needed for what is on the screen. */
  readonly needed?: { current: number } | undefined
  readonly keyOf: (row: Row) => string
  readonly search: string
  /** Height of rows: as many lines of text as fit. */
  readonly rowPx?: number | undefined
  readonly empty: ComponentChild
}

const LINE_PX = 17

interface HeadProperties<Row> {
  readonly columns: readonly Column<Row>[]
  readonly order: Order | undefined
  readonly onOrder: (order: Order | undefined) => void
}

const classOf = <Row,>({ isNumber, isMinor }: Column<Row>): string | undefined =>
  [isNumber && 'number', isMinor && 'minor'].filter(Boolean).join(' ') || undefined

const Head = <Row,>({ columns, order, onOrder }: HeadProperties<Row>) => (
  <thead>
    <tr>
      {columns.map(column => {
        const isOrder = order?.key === column.key
        return (
          <th
            key={column.key}
            scope="col"
            class={classOf(column)}
            style={column.width && { width: column.width }}
            aria-sort={isOrder ? (order.isDescending ? 'descending' : 'ascending') : undefined}
          >
            <button type="button" class="quiet sort" onClick={() => onOrder(nextOrder(order, column.key))}>
              {column.words}
              <i aria-hidden="true">{isOrder ? (order.isDescending ? '↓' : '↑') : ''}</i>
            </button>
          </th>
        )
      })}
    </tr>
  </thead>
)

interface RowProperties<Row> {
  readonly columns: readonly Column<Row>[]
  readonly row: Row
  readonly above: Row | undefined
  readonly index: number
}

const hasWidths = <Row,>(columns: readonly Column<Row>[]): boolean => columns.some(({ width }) => width !== undefined)

const contentOf = <Row,>({ cell, value }: Column<Row>, row: Row, above: Row | undefined): ComponentChild =>
  cell === undefined ? value(row) : cell(row, above)

const rowOf = <Row,>(slot: number | undefined, { columns, row, above, index }: RowProperties<Row>) => (
  <tr key={slot} data-slot={slot} aria-rowindex={index + 2}>
    {columns.map(column => (
      <td key={column.key} class={classOf(column)} title={hasWidths(columns) ? String(column.value(row)) : undefined}>
        {hasWidths(columns) || isNarrow.value ? (
          <div class="two-lines">{contentOf(column, row, above)}</div>
        ) : (
          contentOf(column, row, above)
        )}
      </td>
    ))}
  </tr>
)

export const DataTable = <Row,>(properties: Properties<Row>) => {
  const { label, columns, rows, total = rows.length, needed, keyOf, search, rowPx = ROW_PX, empty } = properties
  const order = useSignal<Order | undefined>(undefined)
  const scroller = useRef<HTMLElement>(null)
  const shown = useMemo(
    () => sortRows(searchRows(rows, columns, search), columns, order.value),
    [rows, columns, search, order.value],
  )
  // Elements that are the same objects as before are not compared with the page again; links contain the moment.
  const rendered = useMemo(() => ({ rows: new Map<number, VNode>() }), [shown, columns, at.value, isNarrow.value])
  const slots = useMemo(() => new RowSlots(), [])
  const isAsLoaded = search.trim() === '' && order.value === undefined
  const count = isAsLoaded ? total : shown.length
  const { first, end, onScroll } = useRowsInView(scroller, count, rowPx)
  const loadedEnd = Math.max(first, Math.min(end, shown.length))
  if (needed) needed.current = isAsLoaded ? end : Number.POSITIVE_INFINITY

  const rowsInView = shown.slice(first, loadedEnd)
  const slotOf = slots.assign(rowsInView.map(keyOf), focusedSlot())
  const elements = rowsInView.map((row, offset): VNode => {
    const index = first + offset
    return rendered.rows.get(index) ?? rowOf(slotOf.get(keyOf(row)), { columns, row, above: shown[index - 1], index })
  })
  rendered.rows = new Map(elements.map((element, offset) => [first + offset, element]))

  if (shown.length === 0) return <div class="empty">{total === 0 ? empty : 'Nothing matches the search.'}</div>
  return (
    <section class="table-scroll" ref={scroller} aria-label={label} tabIndex={0} onScroll={onScroll}>
      <table
        class={hasWidths(columns) ? 'data fixed' : 'data'}
        style={{ '--row': `${rowPx}px`, '--lines': Math.floor(rowPx / LINE_PX) }}
        aria-rowcount={count + 1}
        aria-busy={rows.length < total}
      >
        <Head columns={columns} order={order.value} onOrder={value => (order.value = value)} />
        <tbody>
          <Spacer height={first * rowPx} columns={columns.length} />
          {elements}
          <Spacer height={(count - loadedEnd) * rowPx} columns={columns.length} />
        </tbody>
      </table>
    </section>
  )
}
