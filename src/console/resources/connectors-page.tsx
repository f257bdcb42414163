import { type ConnectorRowFragment, ConnectorsDocument, type Moment } from '../api/generated.ts'
import { type Lists, pageOf } from '../api/pages.ts'
import { request } from '../api/request.ts'
import { columnsOf, keyOf, type ResourceRow } from './resource-columns.tsx'
import { ResourceTable } from './resource-table.tsx'
import { useRows } from './use-rows.ts'

interface Row extends ResourceRow {
  readonly target: string
}

const COLUMNS = columnsOf<Row>(
  { key: 'target', words: 'Host or selector', width: '19%', value: ({ target }) => target, isMinor: true },
  '22%',
)

const rowOf = ({ metadata, spec, status }: ConnectorRowFragment): Row => ({
  kind: 'Connector',
  ...metadata,
  routingKeys: spec.routingKey,
  target: spec.host ?? spec.selector ?? '',
  port: spec.port,
  status: status.laneStatus,
  message: status.message,
})

const listsAt = (at: Moment | undefined): Lists<Row> => ({
  count: 1,
  load: async ({ after: [after], ...page }, stop) => {
    const { connectors } = await request(ConnectorsDocument, { ...page, at, after }, stop)
    return [pageOf(connectors, rowOf)]
  },
})

export const ConnectorsPage = () => {
  const { result, namespace, needed } = useRows(listsAt)
  return (
    <ResourceTable
      title="Connectors"
      columns={COLUMNS}
      result={result}
      keyOf={keyOf}
      namespace={namespace}
      needed={needed}
    />
  )
}
