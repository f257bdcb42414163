import type { RouterEvent } from '../../../schemas/events/events.ts'
import type { ControllerServices } from '../services.ts'
import type { SiteState } from '../site-state.ts'

const unobserved = (namespace: string, since: number): RouterEvent => ({
  type: 'RouterUnobserved',
  data: { namespace, since: new Date(since).toISOString() },
})

/** Returns no event if the log already shows the router as unknown. */
export const unobservedSince = (site: Pick<SiteState, 'namespace' | 'connection'>, since: number): RouterEvent[] => {
  const connection = site.connection()
  const isClaimed =
    connection?.connection === 'Connected' || (connection !== undefined && Date.parse(connection.since) > since)
  if (
    connection === undefined ||
    connection.connection === 'Detached' ||
    connection.unobservedSince !== undefined ||
    !isClaimed
  )
    return []
  return [unobserved(site.namespace, since)]
}

/** To be written before anything else. */
export const unobservedUntilNow = async (
  services: Pick<ControllerServices, 'siteState' | 'lastWatched'>,
  namespace: string,
): Promise<RouterEvent[]> => {
  const connection = services.siteState(namespace).connection()
  if (connection?.connection !== 'Connected') return []
  return [unobserved(namespace, await services.lastWatched(namespace, connection))]
}
