import { type ListenerRowFragment, ListenersDocument } from '../api/generated.ts'
import type { Column } from '../components/data-table.tsx'
import { StatusBadge } from '../components/status.tsx'
import { hrefOf } from '../routes/navigation.ts'
import { resourcePath } from '../routes/route.ts'
import { ResourceTable } from './resource-table.tsx'
import { useRows } from './use-rows.ts'

type Row = ListenerRowFragment

const COLUMNS: readonly Column<Row>[] = [
  {
    key: 'name',
    words: 'Name',
    value: ({ metadata }) => metadata.name,
    cell: ({ metadata: { namespace, name } }) => (
      <a href={hrefOf(resourcePath('listeners', namespace, name))}>{name}</a>
    ),
  },
  { key: 'namespace', words: 'Namespace', value: ({ metadata }) => metadata.namespace, isMinor: true },
  {
    key: 'status',
    words: 'Status',
    width: '9rem',
    value: ({ status }) => status.status,
    cell: ({ status }) => <StatusBadge status={status.status} />,
  },
  { key: 'key', words: 'Routing key', value: ({ spec }) => spec.routingKey, isMinor: true },
  { key: 'host', words: 'Host', value: ({ spec }) => spec.host, isMinor: true },
  { key: 'port', words: 'Port', value: ({ spec }) => spec.port, isNumber: true, width: '5rem' },
  {
    key: 'message',
    words: 'Message',
    width: '28%',
    value: ({ status }) => (status.status === 'Ready' ? '' : status.message),
    isMinor: true,
  },
]

const keyOf = ({ metadata: { namespace, name } }: Row): string => `${namespace}/${name}`

const summary = (rows: readonly Row[]): string => {
  const ready = rows.filter(({ status }) => status.status === 'Ready').length
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
