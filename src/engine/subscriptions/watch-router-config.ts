import { entitiesOf } from '../../../projections/router-config/router-config.ts'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import { entityChanges } from '../queries/router-config-diff.ts'
import { routerConfigTopic } from './change-feed.ts'
import type { RouterConfigChange } from './types.ts'
import { momentOf, type RowWatch } from './watch-rows.ts'

export const routerConfigWatch = (namespace: string): RowWatch<RouterConfigChange> => {
  const topic = routerConfigTopic(namespace)
  return {
    name: `configuration of ${topic}`,
    topic,
    rows: [
      { model: 'routerConfig', table: 'sites', rows: { key: namespace } },
      { model: 'routerConfig', table: 'entities', rows: { index: 'namespace', value: namespace } },
    ],
    begin: ({ routerConfig: tables }, at) => {
      const configAt = (position: Position) => ({ namespace, position, entities: entitiesOf(tables, namespace) })
      return {
        first: [{ ...at, config: configAt(at.position), added: [], removed: [], changed: [] }],
        next: changes => {
          const differences = entityChanges(changes.changes.routerConfig ?? [], namespace)
          const { added, removed, changed } = differences
          if (added.length + removed.length + changed.length === 0) return []
          return [{ ...momentOf(changes), config: configAt(changes.event.position), ...differences }]
        },
      }
    },
    asOf: change => change,
  }
}
