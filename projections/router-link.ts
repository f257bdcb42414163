import type { HarkEvent } from '../schemas/events.ts'

/** What is known of a site's router. A site without one is Detached. */
export interface RouterLink {
  readonly connection: 'Detached' | 'Connecting' | 'Connected'
  readonly id?: string
  readonly url?: string
  readonly message: string
  readonly since: string
  /** Which engine drives it, where one does. */
  readonly driver?: string
}

export const NO_ROUTER = 'No router attached'

/** The link after this event; undefined where the event says nothing of it. */
export const routerLinkAfter = (before: RouterLink | undefined, event: HarkEvent): RouterLink | undefined => {
  const since = event.time
  const known =
    before === undefined
      ? {}
      : {
          ...(before.id && { id: before.id }),
          ...(before.url && { url: before.url }),
          ...(before.driver && { driver: before.driver }),
        }
  switch (event.type) {
    case 'RouterAttached':
      return { connection: 'Connecting', url: event.data.url, message: 'Connecting', since }
    case 'RouterConnected':
      return { ...known, connection: 'Connected', id: event.data.id, message: 'OK', since }
    case 'RouterLost':
      return { ...known, connection: 'Connecting', message: `The router does not answer: ${event.data.reason}`, since }
    case 'RouterDriverChanged':
      return before && { ...before, driver: event.data.driver }
    case 'RouterDetached':
      return { connection: 'Detached', message: NO_ROUTER, since }
    default:
      return undefined
  }
}
