import type { HarkEvent } from '../schemas/events.ts'
import type { SiteSpec } from '../schemas/site.ts'
import { type Answer, answerOf } from './answers.ts'
import { Draft } from './draft.ts'
import type { Projection } from './projection.ts'
import { metaOf, type ResourceMeta } from './resource-meta.ts'
import { type RouterLink, routerLinkAfter } from './router-link.ts'

export interface SiteRow extends ResourceMeta {
  readonly spec: SiteSpec
}

export interface SitesRows {
  /** By namespace: there is one site in each. */
  readonly sites: SiteRow
  readonly routers: RouterLink
  readonly answers: Answer<SiteRow>
}

const fold = (state: Draft<SitesRows>, event: HarkEvent): void => {
  switch (event.type) {
    case 'SiteCreated':
      return state.put('sites', event.data.namespace, { ...metaOf(event), spec: event.data.spec })
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
      draft.put('answers', commandId, answerOf(event, draft.get('sites', event.data.namespace)))
    }
    return draft.changes
  },
}
