import type { Command } from '../../../schemas/commands.ts'
import { HarkError } from '../../../schemas/errors.ts'
import { plural } from '../../../schemas/resources/kinds.ts'
import type { ReadModels } from '../read-models/read-models.ts'
import { ALL_RESOURCES } from './resource-definition.ts'

/**
 * Another request may create one right afterwards: resources need no site.
 *
 * @throws HarkError CONFLICT
 */
export const assertEmptySite = (models: ReadModels, { type, namespace, name }: Command): void => {
  if (type !== 'DeleteSite') return
  const counts = ALL_RESOURCES.flatMap(resource => {
    const count = resource.kind === 'Site' ? 0 : resource.count(models, namespace)
    return count === 0 ? [] : [`${plural(resource.kind)} (${count})`]
  })
  if (counts.length === 0) return
  throw new HarkError('CONFLICT', `Site ${name} is in use: delete ${counts.join(', ')} of namespace ${namespace} first`)
}
