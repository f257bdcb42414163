import {
  type ListenerRowFragment,
  ListenersDocument,
  type MultiKeyListenerRowFragment,
  MultiKeyListenersDocument,
} from '../api/generated.ts'
import { pageLoader } from '../api/pages.ts'
import { columnsOf, keyOf, type ResourceRow } from './resource-columns.tsx'
import { ResourceTable } from './resource-table.tsx'
import { strategyText } from './strategy.ts'
import { useRows } from './use-rows.ts'

interface Row extends ResourceRow {
  readonly host: string
}

const COLUMNS = columnsOf<Row>({ key: 'host', words: 'Host', value: ({ host }) => host, isMinor: true })

const listenerRow = ({ metadata, spec, status }: ListenerRowFragment): Row => ({
  kind: 'Listener',
  ...metadata,
  routingKeys: spec.routingKey,
  host: spec.host,
  port: spec.port,
  status: status.laneStatus,
  message: status.message,
})

const multiKeyListenerRow = ({ metadata, spec, status }: MultiKeyListenerRowFragment): Row => ({
  kind: 'MultiKeyListener',
  ...metadata,
  routingKeys: strategyText(spec.strategy),
  host: spec.host,
  port: spec.port,
  status: status.laneStatus,
  message: status.message,
})

const summary = (rows: readonly Row[]): string => {
  const ready = rows.filter(({ status }) => status === 'Ready').length
  return `${ready} of ${rows.length} Ready`
}

/** MultiKeyListeners come first: there are few, so that the places of the others do not change while more are loaded. */
export const ListenersPage = () => {
  const { result, namespace, needed } = useRows(at => [
    pageLoader(MultiKeyListenersDocument, { at }, ({ multiKeyListeners }) => multiKeyListeners, multiKeyListenerRow),
    pageLoader(ListenersDocument, { at }, ({ listeners }) => listeners, listenerRow),
  ])
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
