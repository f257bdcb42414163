import { type Signal, useSignal } from '@preact/signals'
import type { Loaded } from '../api/pages.ts'
import type { QueryResult } from '../api/use-query.ts'
import { namespaces } from '../api/viewer.ts'
import { AsOf } from '../components/as-of.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { isNarrow } from '../components/narrow.ts'

/** Four lines of smaller text. */
const NARROW_ROW_PX = 68

interface Properties<Row> {
  readonly title: string
  readonly columns: readonly Column<Row>[]
  readonly result: QueryResult<Loaded<Row>>
  readonly keyOf: (row: Row) => string
  readonly namespace: Signal<string>
  readonly needed?: { current: number } | undefined
  readonly summary?: (rows: readonly Row[]) => string
}

const NamespaceChoice = ({
  value,
  onChoice,
}: {
  readonly value: string
  readonly onChoice: (value: string) => void
}) => (
  <select aria-label="Namespace" value={value} onChange={event => onChoice(event.currentTarget.value)}>
    <option value="">All namespaces</option>
    {namespaces.value.map(name => (
      <option key={name} value={name}>
        {name}
      </option>
    ))}
  </select>
)

export const ResourceTable = <Row,>({
  title,
  columns,
  result: { data, error },
  keyOf,
  namespace,
  needed,
  summary,
}: Properties<Row>) => {
  const search = useSignal('')
  const isWhole = data !== undefined && data.nodes.length >= data.total
  return (
    <main class="page table-page" id="main">
      <div class="page-head">
        <h1>{title}</h1>
        {data && <span class="soft">{isWhole && summary ? summary(data.nodes) : data.total}</span>}
        <AsOf />
        <input
          type="search"
          aria-label="Search"
          placeholder="Search"
          onInput={event => {
            search.value = event.currentTarget.value
          }}
        />
        <NamespaceChoice value={namespace.value} onChoice={value => (namespace.value = value)} />
      </div>
      {error && (
        <p class="notice" role="alert">
          {error.message}
        </p>
      )}
      {data && (
        <DataTable
          label={title}
          columns={columns}
          rows={data.nodes}
          total={data.total}
          needed={needed}
          keyOf={keyOf}
          search={search.value}
          rowPx={isNarrow.value ? NARROW_ROW_PX : undefined}
          empty="There are none at this moment."
        />
      )}
    </main>
  )
}
