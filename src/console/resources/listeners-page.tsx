import {
  type ListenerRowFragment,
  ListenersDocument,
  type Moment,
  type MultiKeyListenerRowFragment,
} from '../api/generated.ts'
import { type Lists, pageOf } from '../api/pages.ts'
import { request } from '../api/request.ts'
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
const listsAt = (at: Moment | undefined): Lists<Row> => ({
  count: 2,
  load: async ({ after: [afterMultiKey, after], ...page }, stop) => {
    const wanted = { hasMultiKeyListeners: afterMultiKey !== undefined, hasListeners: after !== undefined }
    const variables = { ...page, ...wanted, at, afterMultiKey, after }
    const { multiKeyListeners, listeners } = await request(ListenersDocument, variables, stop)
    return [pageOf(multiKeyListeners, multiKeyListenerRow), pageOf(listeners, listenerRow)]
  },
})

export const ListenersPage = () => {
  const { result, namespace, needed } = useRows(listsAt)
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
