import { useSignal } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import type { QueryResult } from '../api/use-query.ts'
import { namespaces } from '../api/viewer.ts'
import { type Column, DataTable } from '../components/data-table.tsx'

interface Properties<Row> {
  readonly title: string
  readonly columns: readonly Column<Row>[]
  readonly result: QueryResult<readonly Row[]>
  readonly keyOf: (row: Row) => string
  readonly namespaceOf: (row: Row) => string
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

export const ResourceTable = <Row,>({ title, columns, result, keyOf, namespaceOf, summary }: Properties<Row>) => {
  const search = useSignal('')
  const namespace = useSignal('')
  const { data, error } = result
  const rows = useMemo(
    () => (data ?? []).filter(row => namespace.value === '' || namespaceOf(row) === namespace.value),
    [data, namespace.value],
  )
  return (
    <main class="page table-page" id="main">
      <div class="page-head">
        <h1>{title}</h1>
        {data && <span class="soft">{summary?.(rows) ?? rows.length}</span>}
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
          rows={rows}
          keyOf={keyOf}
          search={search.value}
          empty="There are none at this moment."
        />
      )}
    </main>
  )
}
