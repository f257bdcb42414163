import type { LaneStatus } from '../api/generated.ts'
import type { Column } from '../components/data-table.tsx'
import { kindWords } from '../components/kind-words.ts'
import { isNarrow } from '../components/narrow.ts'
import { StatusBadge } from '../components/status.tsx'
import { shortMessage } from '../events/describe-event.ts'
import { hrefOf } from '../routes/navigation.ts'
import { type PageKind, resourcePath } from '../routes/route.ts'

/** What the rows of listeners and connectors have in common. */
export interface ResourceRow {
  readonly kind: PageKind
  readonly namespace: string
  readonly name: string
  readonly routingKeys: string
  readonly port: number
  readonly status: LaneStatus
  readonly message: string
}

export const keyOf = ({ kind, namespace, name }: ResourceRow): string => `${kind}/${namespace}/${name}`

const messageOf = ({ status, message }: ResourceRow): string => (status === 'Ready' ? '' : shortMessage(message))

const NameCell = (row: ResourceRow) => (
  <>
    <a href={hrefOf(resourcePath(row.kind, row.namespace, row.name))}>{row.name}</a>
    {row.kind === 'MultiKeyListener' && <span class="soft"> {kindWords(row.kind)}</span>}
    {isNarrow.value && <span class="soft below">{messageOf(row)}</span>}
  </>
)

/**
 * @param host the column before the port
 * @param messageWidth share of the table
 */
export const columnsOf = <Row extends ResourceRow>(host: Column<Row>, messageWidth = '28%'): readonly Column<Row>[] => [
  {
    key: 'name',
    words: 'Name',
    value: ({ name, kind }) => (kind === 'MultiKeyListener' ? `${name} ${kindWords(kind)}` : name),
    cell: NameCell,
  },
  { key: 'namespace', words: 'Namespace', value: ({ namespace }) => namespace, isMinor: true },
  {
    key: 'status',
    words: 'Status',
    width: '9rem',
    value: ({ status }) => status,
    cell: ({ status }) => <StatusBadge status={status} />,
  },
  { key: 'key', words: 'Routing key', value: ({ routingKeys }) => routingKeys, isMinor: true },
  host,
  { key: 'port', words: 'Port', value: ({ port }) => port, isNumber: true, width: '5rem' },
  {
    key: 'message',
    words: 'Message',
    width: messageWidth,
    value: ({ status, message }) => (status === 'Ready' ? '' : message),
    cell: messageOf,
    isMinor: true,
  },
]
