import { type EventTypeOf, type GuardedBy, type HarkEvent, inCategories } from '../schemas/events/events.ts'
import type { SiteSpec } from '../schemas/resources/site.ts'
import { Draft, NO_CHANGES } from './kit/draft.ts'
import type { Projection } from './kit/projection.ts'
import { type CommandResult, toCommandResult } from './shared/command-result.ts'
import { withMetadata } from './shared/metadata.ts'
import { initialMeta, type ObjectMeta } from './shared/object-meta.ts'
import type { Gap } from './shared/observation.ts'
import { type RouterConnection, reduceRouterConnection } from './shared/router-connection.ts'

export interface SiteRow extends ObjectMeta {
  readonly spec: SiteSpec
}

interface UnobservedRow extends Gap {
  readonly namespace: string
}

/** A former name of the site of a namespace, which routers report until the site's router is started with the new one. */
interface FormerName {
  readonly namespace: string
}

export interface SitesRows {
  /** Keyed by namespace, which has one site. */
  readonly sites: SiteRow
  /** Sites with a router but without a declaration. */
  readonly undeclared: SiteRow
  readonly routers: RouterConnection
  /** Keyed by former name; none that a site has now. */
  readonly renamed: FormerName
  /** Observation gaps by namespace and position. */
  readonly unobserved: UnobservedRow
  /** Keyed by stream, until the namespace has a site again. */
  readonly deleted: { readonly revision: number }
  readonly commandResults: CommandResult<SiteRow>
}

/** Undeclared sites have no stream. */
const NO_REVISION = -1

const undeclaredSite = ({ data, id, time, position }: HarkEvent<'RouterAttached' | 'SiteDeleted'>): SiteRow => ({
  namespace: data.namespace,
  name: data.namespace,
  uid: id,
  generation: 1,
  creationTimestamp: time,
  resourceVersion: position,
  revision: NO_REVISION,
  spec: {},
})

const noteGap = (state: Draft<SitesRows>, { data, time, position }: HarkEvent<'RouterUnobserved'>): void => {
  const { namespace, since } = data
  const [from, to] = [Date.parse(since), Date.parse(time)]
  // An engine that stops regularly writes the event immediately, without a gap.
  if (from < to) state.put('unobserved', `${namespace} ${position}`, { namespace, from, to, position, since })
}

const dropFormerNames = (state: Draft<SitesRows>, namespace: string): void => {
  for (const name of state.keysWhere('renamed', 'namespace', namespace)) state.remove('renamed', name)
}

const takeName = (state: Draft<SitesRows>, name: string): void => {
  if (state.get('renamed', name) !== undefined) state.remove('renamed', name)
}

const renameSite = (state: Draft<SitesRows>, event: HarkEvent<'SiteRenamed'>): void => {
  const { namespace, name, previous } = event.data
  const row = state.get('sites', namespace)
  if (row === undefined) return
  takeName(state, name)
  state.put('sites', namespace, { ...row, name, resourceVersion: event.position, revision: event.revision })
  if (!state.hasAny('sites', 'name', previous)) state.put('renamed', previous, { namespace })
}

const setRouter = (state: Draft<SitesRows>, event: HarkEvent<EventTypeOf<'connection' | 'driver'>>): void => {
  const { namespace } = event.data
  const link = reduceRouterConnection(state.get('routers', namespace), event)
  if (link !== undefined) state.put('routers', namespace, link)
  // The router of the base configuration has the site's name as its id.
  if (event.type === 'RouterConnected' && event.data.id === state.get('sites', namespace)?.name)
    dropFormerNames(state, namespace)
  if (event.type === 'RouterUnobserved' && link !== undefined) noteGap(state, event)
  const exists = state.get('sites', namespace) !== undefined || state.get('undeclared', namespace) !== undefined
  if (event.type === 'RouterAttached' && !exists) state.put('undeclared', namespace, undeclaredSite(event))
  if (event.type === 'RouterDetached' && state.get('undeclared', namespace) !== undefined) {
    state.remove('undeclared', namespace)
  }
}

/** A router that is still attached keeps the namespace among the sites. */
const deleteSite = (state: Draft<SitesRows>, event: HarkEvent<'SiteDeleted'>): void => {
  const { namespace } = event.data
  state.remove('sites', namespace)
  dropFormerNames(state, namespace)
  state.put('deleted', event.stream, { revision: event.revision })
  const router = state.get('routers', namespace)
  if (router !== undefined && router.connection !== 'Detached')
    state.put('undeclared', namespace, undeclaredSite(event))
}

const isFolded = inCategories('site', 'siteMetadata', 'connection', 'driver')
const isOwn = inCategories('site', 'siteMetadata')

const fold = (state: Draft<SitesRows>, event: GuardedBy<typeof isFolded>): void => {
  if (!isOwn(event)) return setRouter(state, event)
  switch (event.type) {
    case 'SiteDeleted':
      return deleteSite(state, event)
    case 'SiteCreated':
      if (state.get('deleted', event.stream) !== undefined) state.remove('deleted', event.stream)
      takeName(state, event.data.name)
      if (state.get('undeclared', event.data.namespace) !== undefined) state.remove('undeclared', event.data.namespace)
      return state.put('sites', event.data.namespace, { ...initialMeta(event), spec: event.data.spec })
    case 'SiteUpdated': {
      const { namespace, generation, spec } = event.data
      const row = state.get('sites', namespace)
      const at = { resourceVersion: event.position, revision: event.revision }
      return row === undefined ? undefined : state.put('sites', namespace, { ...row, generation, ...at, spec })
    }
    case 'SiteRenamed':
      return renameSite(state, event)
    case 'SiteLabelsUpdated':
    case 'SiteAnnotationsUpdated': {
      const { namespace } = event.data
      const row = state.get('sites', namespace)
      if (row === undefined) return
      return state.put('sites', namespace, { ...withMetadata(row, event), resourceVersion: event.position })
    }
    default:
      event satisfies never
  }
}

export const sites: Projection<SitesRows, 'sites' | 'undeclared' | 'routers' | 'renamed'> = {
  name: 'sites',
  version: 6,
  tables: {
    sites: { history: { indexes: [] }, indexes: { name: row => row.name } },
    undeclared: { history: { indexes: [] } },
    routers: { history: { indexes: [] } },
    renamed: { history: { indexes: [] }, indexes: { namespace: row => row.namespace } },
    deleted: {},
    unobserved: { indexes: { namespace: row => row.namespace } },
    commandResults: { onDiskOnly: true },
  },
  project: (state, event) => {
    if (!isFolded(event)) return NO_CHANGES
    const draft = new Draft(sites, state)
    fold(draft, event)
    const { commandId } = event.metadata
    if (commandId !== undefined && isOwn(event)) {
      draft.put('commandResults', commandId, toCommandResult(event, draft.get('sites', event.data.namespace)))
    }
    return draft.changes
  },
}
