import { useSignal } from '@preact/signals'
import type { ComponentChild } from 'preact'
import { useMemo, useRef } from 'preact/hooks'
import { nextOrder, type Order, type Sortable, searchRows, sortRows } from './table-rows.ts'
import { useSize } from './use-canvas.ts'

const ROW_PX = 36
const OVERSCAN = 12
/** Rows that are scrolled before others are rendered. */
const STEP = 6
const FIRST_VIEW_PX = 900

export interface Column<Row> extends Sortable<Row> {
  readonly words: string
  /** Defaults to the value as text. */
  readonly cell?: (row: Row) => ComponentChild
  readonly isNumber?: boolean
  /** Left out where the page is narrow. */
  readonly isMinor?: boolean
}

interface Properties<Row> {
  readonly label: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string
  readonly search: string
  readonly empty: ComponentChild
}

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

const Spacer = ({ height, columns }: { readonly height: number; readonly columns: number }) =>
  height <= 0 ? null : (
    <tr aria-hidden="true">
      <td class="spacer" colSpan={columns} style={{ height: `${height}px` }} />
    </tr>
  )

export const DataTable = <Row,>({ label, columns, rows, keyOf, search, empty }: Properties<Row>) => {
  const order = useSignal<Order | undefined>(undefined)
  const topRow = useSignal(0)
  const scroller = useRef<HTMLElement>(null)
  const size = useSize(scroller)
  const shown = useMemo(
    () => sortRows(searchRows(rows, columns, search), columns, order.value),
    [rows, columns, search, order.value],
  )
  const height = size.value.height || FIRST_VIEW_PX
  const first = Math.max(Math.min(topRow.value, shown.length) - OVERSCAN, 0)
  const end = Math.min(first + Math.ceil(height / ROW_PX) + 2 * OVERSCAN, shown.length)
  if (shown.length === 0) return <div class="empty">{rows.length === 0 ? empty : 'Nothing matches the search.'}</div>
  return (
    <section
      class="table-scroll"
      ref={scroller}
      aria-label={label}
      tabIndex={0}
      onScroll={event => {
        topRow.value = Math.floor(event.currentTarget.scrollTop / ROW_PX / STEP) * STEP
      }}
    >
      <table class="data" aria-rowcount={shown.length + 1}>
        <Head columns={columns} order={order.value} onOrder={value => (order.value = value)} />
        <tbody>
          <Spacer height={first * ROW_PX} columns={columns.length} />
          {shown.slice(first, end).map((row, index) => (
            <tr key={keyOf(row)} aria-rowindex={first + index + 2}>
              {columns.map(column => (
                <td key={column.key} class={classOf(column)}>
                  {column.cell === undefined ? column.value(row) : column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
          <Spacer height={(shown.length - end) * ROW_PX} columns={columns.length} />
        </tbody>
      </table>
    </section>
  )
}
