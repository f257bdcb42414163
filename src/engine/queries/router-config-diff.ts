import type { RouterEntity } from '../../../schemas/router-entities.ts'
import type { EntityChange, EntityDifferences } from './types.ts'

const keyOf = ({ type, name }: RouterEntity): string => `${type}/${name}`

/** What was added, removed and changed from one configuration of a router to another, in their order. */
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
