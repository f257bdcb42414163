import { type ConnectorRowFragment, ConnectorsDocument } from '../api/generated.ts'
import type { Column } from '../components/data-table.tsx'
import { StatusBadge } from '../components/status.tsx'
import { hrefOf } from '../routes/navigation.ts'
import { resourcePath } from '../routes/route.ts'
import { ResourceTable } from './resource-table.tsx'
import { useRows } from './use-rows.ts'

type Row = ConnectorRowFragment

const COLUMNS: readonly Column<Row>[] = [
  {
    key: 'name',
    words: 'Name',
    value: ({ metadata }) => metadata.name,
    cell: ({ metadata: { namespace, name } }) => (
      <a href={hrefOf(resourcePath('connectors', namespace, name))}>{name}</a>
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
  { key: 'target', words: 'Host or selector', value: ({ spec }) => spec.host ?? spec.selector ?? '', isMinor: true },
  { key: 'port', words: 'Port', value: ({ spec }) => spec.port, isNumber: true, width: '5rem' },
  {
    key: 'message',
    words: 'Message',
    width: '28%',
    value: ({ status }) => (status.status === 'Ready' ? '' : status.message),
    isMinor: true,
  },
]

export const ConnectorsPage = () => {
  const { result, namespace, needed } = useRows(ConnectorsDocument, ({ connectors }) => connectors)
  return (
    <ResourceTable
      title="Connectors"
      columns={COLUMNS}
      result={result}
      keyOf={({ metadata: { namespace, name } }) => `${namespace}/${name}`}
      namespace={namespace}
      needed={needed}
    />
  )
}
