import type { RouterEvent } from '../../../schemas/events/events.ts'
import type { ControllerPorts } from '../ports.ts'
import type { SiteState } from '../site-state.ts'

const unobserved = (namespace: string, since: number): RouterEvent => ({
  type: 'RouterUnobserved',
  data: { namespace, since: new Date(since).toISOString() },
})

/**
 * That no engine has watched since then, in milliseconds since 1970: nothing where the log said already, and still says,
 * that nothing is known of the router.
 */
export const unobservedSince = (view: Pick<SiteState, 'namespace' | 'link'>, since: number): RouterEvent[] => {
  const link = view.link()
  const isClaimed = link?.connection === 'Connected' || (link !== undefined && Date.parse(link.since) > since)
  if (link === undefined || link.connection === 'Detached' || link.unobservedSince !== undefined || !isClaimed)
    return []
  return [unobserved(view.namespace, since)]
}

/** That no engine has watched since the last one did, to be said before anything else is. */
export const unobservedUntilNow = async (
  ports: Pick<ControllerPorts, 'siteState' | 'lastWatched'>,
  namespace: string,
): Promise<RouterEvent[]> => {
  const link = ports.siteState(namespace).link()
  if (link?.connection !== 'Connected') return []
  return [unobserved(namespace, await ports.lastWatched(namespace, link))]
}
