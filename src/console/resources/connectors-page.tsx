import { type ConnectorRowFragment, ConnectorsDocument } from '../api/generated.ts'
import { pageLoader } from '../api/pages.ts'
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

export const ConnectorsPage = () => {
  const { result, namespace, needed } = useRows(at => [
    pageLoader(ConnectorsDocument, { at }, ({ connectors }) => connectors, rowOf),
  ])
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
