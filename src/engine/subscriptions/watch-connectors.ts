import { rowOf } from '../../../projections/kit/table.ts'
import { connectorStream } from '../../../schemas/events/streams.ts'
import { keysOf } from '../queries/pagination.ts'
import { ALL_CONNECTORS, connectorsTopic } from './change-feed.ts'
import type { ConnectorChange } from './types.ts'
import { momentOf, type RowWatch } from './watch-rows.ts'

export const connectorsWatch = (namespace: string | undefined): RowWatch<ConnectorChange> => {
  const topic = namespace === undefined ? ALL_CONNECTORS : connectorsTopic(namespace)
  const prefix = namespace === undefined ? '' : connectorStream(namespace, '')
  return {
    name: `connectors of ${topic}`,
    topic,
    rows: [{ model: 'connectorStatus', table: 'connectors', rows: { prefix } }],
    begin: ({ connectorStatus: { connectors } }, at) => ({
      first: keysOf(connectors, connectorStream, namespace).flatMap(key => {
        const row = connectors.get(key)
        return row === undefined ? [] : [{ ...at, namespace: row.namespace, name: row.name, row }]
      }),
      next: changes =>
        (changes.changes.connectorStatus ?? []).flatMap(change => {
          if (change.table !== 'connectors') return []
          const { namespace: within, name } = rowOf(change)
          if (namespace !== undefined && within !== namespace) return []
          const { after } = change
          const eventType = changes.event.type
          return [{ ...momentOf(changes), namespace: within, name, eventType, ...(after && { row: after }) }]
        }),
    }),
    asOf: (change, position) =>
      change.row === undefined ? change : { ...change, row: { ...change.row, asOf: position } },
  }
}
