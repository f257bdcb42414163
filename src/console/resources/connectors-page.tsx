import { type ConnectorRowFragment, ConnectorsDocument } from '../api/generated.ts'
import { allNodes } from '../api/pages.ts'
import { useLoad } from '../api/use-query.ts'
import type { Column } from '../components/data-table.tsx'
import { StatusBadge } from '../components/status.tsx'
import { at, hrefOf } from '../routes/navigation.ts'
import { momentOf, resourcePath } from '../routes/route.ts'
import { version } from '../time/log.ts'
import { ResourceTable } from './resource-table.tsx'

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
    value: ({ status }) => status.status,
    cell: ({ status }) => <StatusBadge status={status.status} />,
  },
  { key: 'key', words: 'Routing key', value: ({ spec }) => spec.routingKey, isMinor: true },
  { key: 'target', words: 'Host or selector', value: ({ spec }) => spec.host ?? spec.selector ?? '', isMinor: true },
  { key: 'port', words: 'Port', value: ({ spec }) => spec.port, isNumber: true },
  {
    key: 'message',
    words: 'Message',
    value: ({ status }) => (status.status === 'Ready' ? '' : status.message),
    isMinor: true,
  },
]

export const ConnectorsPage = () => {
  const moment = momentOf(at.value)
  const result = useLoad(`${at.value} ${version.value}`, stop =>
    allNodes(ConnectorsDocument, { ...(moment && { at: moment }) }, ({ connectors }) => connectors, stop),
  )
  return (
    <ResourceTable
      title="Connectors"
      columns={COLUMNS}
      result={result.value}
      keyOf={({ metadata: { namespace, name } }) => `${namespace}/${name}`}
      namespaceOf={({ metadata }) => metadata.namespace}
    />
  )
}
