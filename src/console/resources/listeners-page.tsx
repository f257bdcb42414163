import { type ListenerRowFragment, ListenersDocument } from '../api/generated.ts'
import { columnsOf, keyOf } from './resource-columns.tsx'
import { ResourceTable } from './resource-table.tsx'
import { useRows } from './use-rows.ts'

type Row = ListenerRowFragment

const COLUMNS = columnsOf<Row>('listeners', {
  key: 'host',
  words: 'Host',
  value: ({ spec }) => spec.host,
  isMinor: true,
})

const summary = (rows: readonly Row[]): string => {
  const ready = rows.filter(({ status }) => status.laneStatus === 'Ready').length
  return `${ready} of ${rows.length} Ready`
}

export const ListenersPage = () => {
  const { result, namespace, needed } = useRows(ListenersDocument, ({ listeners }) => listeners)
  return (
    <ResourceTable
      title="Listeners"
      columns={COLUMNS}
      result={result}
      keyOf={keyOf}
      namespace={namespace}
      needed={needed}
      summary={summary}
    />
  )
}
