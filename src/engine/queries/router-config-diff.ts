import { type Change, rowOf } from '../../../projections/kit/table.ts'
import { baseEntities } from '../../../projections/router-config/entities.ts'
import { entityOf, type RouterConfigRows } from '../../../projections/router-config/tables.ts'
import type { RouterEntity } from '../../../schemas/router-entities.ts'
import type { EntityChange, EntityDifferences } from './types.ts'

const keyOf = ({ type, name }: RouterEntity): string => `${type}/${name}`

export const entityDifferences = (
  before: readonly RouterEntity[],
  after: readonly RouterEntity[],
): EntityDifferences => {
  const then = new Map(before.map(entity => [keyOf(entity), entity]))
  const now = new Set(after.map(keyOf))
  const added: RouterEntity[] = []
  const changed: EntityChange[] = []
  for (const entity of after) {
    const old = then.get(keyOf(entity))
    if (old === undefined) added.push(entity)
    else if (JSON.stringify(old) !== JSON.stringify(entity)) {
      changed.push({ type: entity.type, name: entity.name, before: old.attributes, after: entity.attributes })
    }
  }
  return { added, removed: before.filter(entity => !now.has(keyOf(entity))), changed }
}

export const entityChanges = (changes: readonly Change<RouterConfigRows>[], namespace: string): EntityDifferences => {
  const before: RouterEntity[] = []
  const after: RouterEntity[] = []
  for (const change of changes) {
    if (change.table === 'entities' && rowOf(change).namespace === namespace) {
      if (change.before !== undefined) before.push(entityOf(change.before))
      if (change.after !== undefined) after.push(entityOf(change.after))
    } else if (change.table === 'sites' && change.key === namespace) {
      before.push(...baseEntities(namespace, change.before))
      after.push(...baseEntities(namespace, change.after))
    }
  }
  return entityDifferences(before, after)
}
