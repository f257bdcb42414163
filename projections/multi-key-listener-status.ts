import { type EventTypeOf, type GuardedBy, type HarkEvent, inCategories } from '../schemas/events/events.ts'
import {
  type MultiKeyListenerSpec,
  multiKeyListenerResource,
  routingKeysOf,
} from '../schemas/resources/multi-key-listener.ts'
import { Draft, NO_CHANGES } from './kit/draft.ts'
import type { Projection } from './kit/projection.ts'
import { type CommandResult, toCommandResult } from './shared/command-result.ts'
import {
  type ConditionResult,
  OK,
  type OperationalConditions,
  operationalConditionsAt,
  pending,
  sameConditions,
} from './shared/conditions.ts'
import { configuredResult, matchIndex, type RouterReport, seenKey } from './shared/match-status.ts'
import { withMetadata } from './shared/metadata.ts'
import { initialMeta, type ObjectMeta } from './shared/object-meta.ts'
import { type RouterConnection, reduceRouterConnection, unknownBy } from './shared/router-connection.ts'

interface MultiKeyListener extends ObjectMeta {
  readonly spec: MultiKeyListenerSpec
  readonly router?: RouterReport
}

/** The routing keys with a connector: a list in order of priority, or a map to weights. */
type StrategyStatus =
  | { readonly priority: { readonly routingKeysReachable: readonly string[] } }
  | { readonly weighted: { readonly routingKeysReachable: Readonly<Record<string, number>> } }

export interface MultiKeyListenerRow extends MultiKeyListener {
  readonly conditions: OperationalConditions
  readonly hasDestination: boolean
  readonly strategy: StrategyStatus
}

/** Stream names are the keys of listeners and declared connectors. */
export interface MultiKeyListenerStatusRows {
  readonly multiKeyListeners: MultiKeyListenerRow
  readonly deleted: { readonly revision: number }
  /** A row for each routing key of each listener. */
  readonly keys: { readonly stream: string; readonly routingKey: string }
  readonly connectors: { readonly seenFrom?: string; readonly routingKey: string }
  readonly routers: RouterConnection
  readonly commandResults: CommandResult<MultiKeyListenerRow>
}

type State = Draft<MultiKeyListenerStatusRows>

export const MULTI_KEY_LISTENER_REPORTS: Readonly<
  Record<EventTypeOf<'multiKeyListenerReport'>, RouterReport['state']>
> = {
  MultiKeyListenerAccepted: 'accepted',
  MultiKeyListenerRefused: 'refused',
  MultiKeyListenerOpened: 'opened',
  MultiKeyListenerFailedToOpen: 'failed',
  MultiKeyListenerDrifted: 'drifted',
  MultiKeyListenerCredentialsUnfit: 'unfit',
}

const isFolded = inCategories(
  'multiKeyListener',
  'multiKeyListenerMetadata',
  'connector',
  'connection',
  'multiKeyListenerReport',
  'seenConnector',
)
const isConnection = inCategories('connection')
const isOwn = inCategories('multiKeyListener', 'multiKeyListenerMetadata')
const isReport = inCategories('multiKeyListenerReport')

export const strategyStatus = (
  { strategy: { priority, weighted } }: MultiKeyListenerSpec,
  isReachable: (routingKey: string) => boolean,
): StrategyStatus => {
  if (priority !== undefined) return { priority: { routingKeysReachable: priority.routingKeys.filter(isReachable) } }
  const weights = Object.entries(weighted?.routingKeys ?? {})
  return { weighted: { routingKeysReachable: Object.fromEntries(weights.filter(([key]) => isReachable(key))) } }
}

const reachableIn = (status: StrategyStatus): string[] =>
  'priority' in status
    ? [...status.priority.routingKeysReachable]
    : Object.keys(status.weighted.routingKeysReachable).sort()

const sameReachable = (a: StrategyStatus, b: StrategyStatus): boolean =>
  reachableIn(a).join('\n') === reachableIn(b).join('\n')

const operationalBy = (hasDestination: boolean, router: RouterConnection | undefined): ConditionResult => {
  if (router?.connection === 'Connecting') return unknownBy(router)
  return hasDestination ? OK : pending('Not operational')
}

/** @param changed the listener after its own event; otherwise the row is written only if its status has changed */
const refresh = (state: State, event: HarkEvent, key: string, changed?: MultiKeyListener): void => {
  const before = state.get('multiKeyListeners', key)
  const resource = changed ?? before
  if (resource === undefined) return
  const router = state.get('routers', resource.namespace)
  const isUnknown = router?.connection === 'Connecting'
  const seenFrom = router?.connection === 'Connected' ? resource.namespace : ''
  const strategy = strategyStatus(
    resource.spec,
    each => !isUnknown && state.hasAny('connectors', 'match', matchIndex(each, seenFrom)),
  )
  const hasDestination = reachableIn(strategy).length > 0
  const results = {
    configured: configuredResult(resource, router),
    operational: operationalBy(hasDestination, router),
  }
  const { time, position: resourceVersion } = event
  const conditions = operationalConditionsAt(before?.conditions, results, { generation: resource.generation, time })
  const isSame =
    before !== undefined && sameConditions(before.conditions, conditions) && sameReachable(before.strategy, strategy)
  if (changed === undefined && isSame) return
  state.put('multiKeyListeners', key, { ...resource, conditions, hasDestination, strategy, resourceVersion })
}

const setKeys = (state: State, stream: string, routingKeys: readonly string[]): void => {
  for (const key of state.keysWhere('keys', 'stream', stream)) state.remove('keys', key)
  for (const routingKey of routingKeys) state.put('keys', `${stream} ${routingKey}`, { stream, routingKey })
}

const refreshUsersOf = (state: State, event: HarkEvent, routingKey: string): void => {
  for (const key of state.keysWhere('keys', 'routingKey', routingKey))
    refresh(state, event, state.get('keys', key)?.stream ?? '')
}

const setConnector = (
  state: State,
  event: HarkEvent,
  key: string,
  connector: MultiKeyListenerStatusRows['connectors'] | undefined,
): void => {
  const before = state.get('connectors', key)
  if (before?.routingKey === connector?.routingKey) return
  if (connector === undefined) state.remove('connectors', key)
  else state.put('connectors', key, connector)
  for (const row of [before, connector]) if (row !== undefined) refreshUsersOf(state, event, row.routingKey)
}

/** Reports of an earlier router do not apply to a newly attached one. */
const clearRouterState = (state: State, namespace: string, keys: readonly string[]): void => {
  for (const key of state.keysWhere('connectors', 'seenFrom', namespace)) state.remove('connectors', key)
  for (const key of keys) {
    const { router, ...row } = state.get('multiKeyListeners', key) as MultiKeyListenerRow
    if (router !== undefined) state.put('multiKeyListeners', key, row)
  }
}

const setRouter = (state: State, event: HarkEvent<EventTypeOf<'connection'>>): void => {
  const { namespace } = event.data
  const router = reduceRouterConnection(state.get('routers', namespace), event)
  if (router === undefined) return
  const keys = [...state.keysWhere('multiKeyListeners', 'namespace', namespace)]
  if (event.type === 'RouterAttached') clearRouterState(state, namespace, keys)
  state.put('routers', namespace, router)
  for (const key of keys) refresh(state, event, key)
}

/** Ignores reports about deleted listeners, even if another has the name. */
const setReport = (state: State, event: GuardedBy<typeof isReport>): void => {
  const { namespace, name, uid, generation } = event.data
  const key = multiKeyListenerResource.stream(namespace, name)
  const row = state.get('multiKeyListeners', key)
  if (row?.uid !== uid) return
  const message = 'message' in event.data ? event.data.message : 'OK'
  const router = { generation, state: MULTI_KEY_LISTENER_REPORTS[event.type], message }
  state.put('multiKeyListeners', key, { ...row, router })
  refresh(state, event, key)
}

const fold = (state: State, event: GuardedBy<typeof isFolded>): void => {
  if (isConnection(event)) return setRouter(state, event)
  if (isReport(event)) return setReport(state, event)
  const { stream } = event
  switch (event.type) {
    case 'MultiKeyListenerCreated':
      if (state.get('deleted', stream) !== undefined) state.remove('deleted', stream)
      setKeys(state, stream, routingKeysOf(event.data.spec.strategy))
      return refresh(state, event, stream, { ...initialMeta(event), spec: event.data.spec })
    case 'MultiKeyListenerUpdated': {
      const row = state.get('multiKeyListeners', stream)
      if (row === undefined) return
      const { spec, generation } = event.data
      setKeys(state, stream, routingKeysOf(spec.strategy))
      return refresh(state, event, stream, { ...row, spec, generation, revision: event.revision })
    }
    case 'MultiKeyListenerLabelsUpdated':
    case 'MultiKeyListenerAnnotationsUpdated': {
      const row = state.get('multiKeyListeners', stream)
      return row === undefined ? undefined : refresh(state, event, stream, withMetadata(row, event))
    }
    case 'MultiKeyListenerDeleted':
      setKeys(state, stream, [])
      state.remove('multiKeyListeners', stream)
      return state.put('deleted', stream, { revision: event.revision })
    case 'ConnectorCreated':
    case 'ConnectorUpdated':
      return setConnector(state, event, stream, { routingKey: event.data.spec.routingKey })
    case 'ConnectorDeleted':
      return setConnector(state, event, stream, undefined)
    case 'ConnectorSeen': {
      const { namespace: seenFrom, identity, routingKey } = event.data
      return setConnector(state, event, seenKey(seenFrom, identity), { seenFrom, routingKey })
    }
    case 'ConnectorGone':
      return setConnector(state, event, seenKey(event.data.namespace, event.data.identity), undefined)
    default:
      event satisfies never
  }
}

export const multiKeyListenerStatus: Projection<MultiKeyListenerStatusRows, 'multiKeyListeners'> = {
  name: 'multi-key-listener-status',
  version: 1,
  tables: {
    multiKeyListeners: { indexes: { namespace: row => row.namespace }, history: { indexes: [] } },
    deleted: {},
    keys: { indexes: { routingKey: row => row.routingKey, stream: row => row.stream } },
    connectors: { indexes: { match: row => matchIndex(row.routingKey, row.seenFrom), seenFrom: row => row.seenFrom } },
    routers: {},
    commandResults: { onDiskOnly: true },
  },
  project: (tables, event) => {
    if (!isFolded(event)) return NO_CHANGES
    const state = new Draft(multiKeyListenerStatus, tables)
    fold(state, event)
    const { commandId } = event.metadata
    if (commandId !== undefined && isOwn(event))
      state.put('commandResults', commandId, toCommandResult(event, state.get('multiKeyListeners', event.stream)))
    return state.changes
  },
}
