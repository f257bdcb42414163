import { type ListenerRowFragment, ListenersDocument } from '../api/generated.ts'
import { allNodes } from '../api/pages.ts'
import { useLoad } from '../api/use-query.ts'
import type { Column } from '../components/data-table.tsx'
import { StatusBadge } from '../components/status.tsx'
import { at, hrefOf } from '../routes/navigation.ts'
import { momentOf, resourcePath } from '../routes/route.ts'
import { version } from '../time/log.ts'
import { ResourceTable } from './resource-table.tsx'

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
    value: ({ status }) => status.status,
    cell: ({ status }) => <StatusBadge status={status.status} />,
  },
  { key: 'key', words: 'Routing key', value: ({ spec }) => spec.routingKey, isMinor: true },
  { key: 'host', words: 'Host', value: ({ spec }) => spec.host, isMinor: true },
  { key: 'port', words: 'Port', value: ({ spec }) => spec.port, isNumber: true },
  {
    key: 'message',
    words: 'Message',
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
  const moment = momentOf(at.value)
  const result = useLoad(`${at.value} ${version.value}`, stop =>
    allNodes(ListenersDocument, { ...(moment && { at: moment }) }, ({ listeners }) => listeners, stop),
  )
  return (
    <ResourceTable
      title="Listeners"
      columns={COLUMNS}
      result={result.value}
      keyOf={keyOf}
      namespaceOf={({ metadata }) => metadata.namespace}
      summary={summary}
    />
  )
}
