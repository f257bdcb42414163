import { MANAGED_TYPES, routerEntities } from '../../../schemas/router-entities.ts'
import type { Management } from '../../router/amqp/management.ts'
import { managementType } from './managed-entity.ts'
import { noneIfRefused } from './refusals.ts'

const USERS = ['listener', 'connector', ...MANAGED_TYPES.filter(type => 'sslProfile' in routerEntities[type].shape)]

/** Includes entities that Hark does not manage. */
export const isProfileUsed = async (management: Pick<Management, 'query'>, profile: string): Promise<boolean> => {
  const responses = await Promise.all(
    USERS.map(type => noneIfRefused(management.query(managementType(type), ['name', 'sslProfile']))),
  )
  return responses.some(entities => entities.some(entity => entity.sslProfile === profile))
}
