import { type Change, rowOf } from '../../../projections/kit/table.ts'
import type { ListenerRow } from '../../../projections/listener-status.ts'
import { baseEntities } from '../../../projections/router-config/entities.ts'
import { entityOf, type RouterConfigRows } from '../../../projections/router-config/tables.ts'
import type { ConditionResult } from '../../../projections/shared/conditions.ts'
import type { RouterEntity } from '../../../schemas/router-entities.ts'
import type { ChangesOfEvent } from '../history/replayed-tables.ts'
import type { EntityChange, EntityDifferences, Moment } from '../queries/types.ts'
import type { ListenerChange } from './types.ts'

export const momentOf = ({ event: { position, time } }: ChangesOfEvent): Moment => ({ position, time })

/** The changes of listeners that an event brought; where a row was only touched by the router's word, too. */
export const listenerChanges = (told: ChangesOfEvent, concerns: (row: ListenerRow) => boolean): ListenerChange[] =>
  (told.changes.listenerStatus ?? []).flatMap(change => {
    if (change.table !== 'listeners') return []
    const row = rowOf(change)
    if (!concerns(row)) return []
    const { namespace, name } = row
    const { after } = change
    return [{ ...momentOf(told), namespace, name, eventType: told.event.type, ...(after && { row: after }) }]
  })

export const readyOf = (row: ListenerRow | undefined): ConditionResult => {
  // What is not there is neither ready nor not ready, as in the time before it was there.
  if (row === undefined) return { status: 'Unknown', reason: 'NotFound', message: 'The listener was deleted' }
  const { status, reason, message } = row.conditions.Ready
  return { status, reason, message }
}

/** Changes of entities, and of what a site's router has besides, told apart. */
export const entityChanges = (changes: readonly Change<RouterConfigRows>[], namespace: string): EntityDifferences => {
  const added: RouterEntity[] = []
  const removed: RouterEntity[] = []
  const changed: EntityChange[] = []
  const note = (before: RouterEntity | undefined, after: RouterEntity | undefined): void => {
    if (before === undefined && after !== undefined) added.push(after)
    else if (before !== undefined && after === undefined) removed.push(before)
    else if (before !== undefined && after !== undefined && JSON.stringify(before) !== JSON.stringify(after)) {
      changed.push({ type: after.type, name: after.name, before: before.attributes, after: after.attributes })
    }
  }
  for (const change of changes) {
    if (change.table === 'entities' && rowOf(change).namespace === namespace)
      note(change.before && entityOf(change.before), change.after && entityOf(change.after))
    if (change.table === 'sites' && change.key === namespace) {
      const then = baseEntities(namespace, change.before)
      const now = baseEntities(namespace, change.after)
      for (const entity of then)
        note(
          entity,
          now.find(same => same.type === entity.type && same.name === entity.name),
        )
      for (const entity of now)
        if (!then.some(same => same.type === entity.type && same.name === entity.name)) note(undefined, entity)
    }
  }
  return { added, removed, changed }
}
