import type { RouterEntity } from '../../schemas/router-entities.ts'
import { profileUseOf, settleProfile } from '../tls-profiles.ts'
import type { EntityRow, RouterConfigDraft } from './tables.ts'

export const setEntity = (
  config: RouterConfigDraft,
  key: string,
  namespace: string,
  entity: RouterEntity | undefined,
  { bundle }: Pick<EntityRow, 'bundle'> = {},
): void => {
  const before = config.get('entities', key)
  if (entity !== undefined) config.put('entities', key, { ...entity, namespace, ...(bundle && { bundle }) })
  else if (before !== undefined) config.remove('entities', key)
  settle(config, namespace, config.get('entities', key))
  settle(config, namespace, before)
}

const settle = (config: RouterConfigDraft, namespace: string, row: EntityRow | undefined): void => {
  const use = profileUseOf(row)
  if (use !== undefined) settleProfile(config, namespace, use)
}
