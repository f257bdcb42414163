import type { LaneStatus } from '../api/generated.ts'
import type { Column } from '../components/data-table.tsx'
import { StatusBadge } from '../components/status.tsx'
import { shortMessage } from '../events/describe-event.ts'
import { hrefOf } from '../routes/navigation.ts'
import { resourcePath } from '../routes/route.ts'

/** What the rows of listeners and connectors have in common. */
interface ResourceRow {
  readonly metadata: { readonly namespace: string; readonly name: string }
  readonly spec: { readonly routingKey: string; readonly port: number }
  readonly status: { readonly laneStatus: LaneStatus; readonly message: string }
}

export const keyOf = ({ metadata: { namespace, name } }: ResourceRow): string => `${namespace}/${name}`

/**
 * @param host the column before the port
 * @param messageWidth share of the table
 */
export const columnsOf = <Row extends ResourceRow>(
  kind: 'listeners' | 'connectors',
  host: Column<Row>,
  messageWidth = '34%',
): readonly Column<Row>[] => [
  {
    key: 'name',
    words: 'Name',
    value: ({ metadata }) => metadata.name,
    cell: ({ metadata: { namespace, name } }) => <a href={hrefOf(resourcePath(kind, namespace, name))}>{name}</a>,
  },
  { key: 'namespace', words: 'Namespace', value: ({ metadata }) => metadata.namespace, isMinor: true },
  {
    key: 'status',
    words: 'Status',
    width: '9rem',
    value: ({ status }) => status.laneStatus,
    cell: ({ status }) => <StatusBadge status={status.laneStatus} />,
  },
  { key: 'key', words: 'Routing key', value: ({ spec }) => spec.routingKey, isMinor: true },
  host,
  { key: 'port', words: 'Port', value: ({ spec }) => spec.port, isNumber: true, width: '5rem' },
  {
    key: 'message',
    words: 'Message',
    width: messageWidth,
    value: ({ status }) => (status.laneStatus === 'Ready' ? '' : status.message),
    cell: ({ status }) => (status.laneStatus === 'Ready' ? '' : shortMessage(status.message)),
    isMinor: true,
  },
]
