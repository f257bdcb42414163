import type { HarkEvent } from '../schemas/events.ts'
import type { Position } from '../schemas/recorded-event.ts'
import type { SiteSpec } from '../schemas/site.ts'
import { Draft } from './draft.ts'
import type { Projection } from './projection.ts'
import { type RouterLink, routerLinkAfter } from './router-link.ts'

export interface SiteRow {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly generation: number
  readonly creationTimestamp: string
  readonly resourceVersion: Position
  readonly revision: number
  readonly spec: SiteSpec
}

/** What a command answered that carried an id of its caller's, to be answered again. */
export interface SiteAnswer {
  readonly stream: string
  readonly position: Position
  readonly eventType: string
  readonly uid: string
}

export interface SitesRows {
  /** By namespace: there is one site in each. */
  readonly sites: SiteRow
  readonly routers: RouterLink
  readonly answers: SiteAnswer
}

const fold = (state: Draft<SitesRows>, event: HarkEvent): void => {
  switch (event.type) {
    case 'SiteCreated': {
      const { namespace, name, uid, spec } = event.data
      const at = { creationTimestamp: event.time, resourceVersion: event.position, revision: event.revision }
      return state.put('sites', namespace, { namespace, name, uid, generation: 1, ...at, spec })
    }
    case 'SiteUpdated': {
      const { namespace, generation, spec } = event.data
      const row = state.get('sites', namespace)
      const at = { resourceVersion: event.position, revision: event.revision }
      return row === undefined ? undefined : state.put('sites', namespace, { ...row, generation, ...at, spec })
    }
    case 'RouterAttached':
    case 'RouterConnected':
    case 'RouterLost':
    case 'RouterDetached': {
      const link = routerLinkAfter(state.get('routers', event.data.namespace), event)
      return link === undefined ? undefined : state.put('routers', event.data.namespace, link)
    }
  }
}

/** The declared sites, and what is known of their routers. */
export const sites: Projection<SitesRows> = {
  name: 'sites',
  version: 1,
  tables: { sites: {}, routers: {}, answers: { onDiskOnly: true } },
  project: (state, event) => {
    const draft = new Draft(sites, state)
    fold(draft, event)
    const { commandId } = event.metadata
    if (commandId !== undefined && (event.type === 'SiteCreated' || event.type === 'SiteUpdated')) {
      draft.put('answers', commandId, {
        stream: event.stream,
        position: event.position,
        eventType: event.type,
        uid: event.data.uid,
      })
    }
    return draft.changes
  },
}
