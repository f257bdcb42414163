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
  for (const row of [config.get('entities', key), before]) {
    const use = profileUseOf(row)
    if (use !== undefined) settleProfile(config, namespace, use)
  }
}
