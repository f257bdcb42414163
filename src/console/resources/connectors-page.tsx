import { type ConnectorRowFragment, ConnectorsDocument } from '../api/generated.ts'
import { columnsOf, keyOf } from './resource-columns.tsx'
import { ResourceTable } from './resource-table.tsx'
import { useRows } from './use-rows.ts'

const COLUMNS = columnsOf<ConnectorRowFragment>(
  'connectors',
  {
    key: 'target',
    words: 'Host or selector',
    width: '19%',
    value: ({ spec }) => spec.host ?? spec.selector ?? '',
    isMinor: true,
  },
  '22%',
)

export const ConnectorsPage = () => {
  const { result, namespace, needed } = useRows(ConnectorsDocument, ({ connectors }) => connectors)
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
