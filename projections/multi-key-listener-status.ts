import { type EventTypeOf, type GuardedBy, inCategories } from '../schemas/events/events.ts'
import {
  type MultiKeyListenerSpec,
  multiKeyListenerResource,
  routingKeysOf,
} from '../schemas/resources/multi-key-listener.ts'
import { Draft, NO_CHANGES } from './kit/draft.ts'
import type { Projection } from './kit/projection.ts'
import type { CommandResult } from './shared/command-result.ts'
import { type OperationalConditions, operationalConditionsAt, sameConditions } from './shared/evaluate-conditions.ts'
import {
  MatchStatus,
  matchIndex,
  matchResult,
  type ReportedResource,
  type RouterReport,
  type StatusRules,
  seenKey,
} from './shared/match-status.ts'
import { withMetadata } from './shared/metadata.ts'
import { initialMeta } from './shared/object-meta.ts'
import type { RouterConnection } from './shared/router-connection.ts'

interface MultiKeyListener extends ReportedResource {
  readonly spec: MultiKeyListenerSpec
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

interface ConnectorCandidate {
  readonly seenFrom?: string
  readonly routingKey: string
}

/** Stream names are the keys of listeners and declared connectors. */
export interface MultiKeyListenerStatusRows {
  readonly multiKeyListeners: MultiKeyListenerRow
  readonly deleted: { readonly revision: number }
  /** A row for each routing key of each listener. */
  readonly keys: { readonly stream: string; readonly routingKey: string }
  readonly connectors: ConnectorCandidate
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
const isMetadata = inCategories('multiKeyListenerMetadata')
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

const RULES: StatusRules<MultiKeyListener, MultiKeyListenerRow, ConnectorCandidate> = {
  stream: multiKeyListenerResource.stream,
  evaluated: (resource, { before, router, configured, time, hasCounterpart }) => {
    const strategy = strategyStatus(resource.spec, hasCounterpart)
    const hasDestination = reachableIn(strategy).length > 0
    const operational = matchResult(router, hasDestination, 'Not operational')
    const { generation } = resource
    const conditions = operationalConditionsAt(before?.conditions, { configured, operational }, { generation, time })
    return { ...resource, conditions, hasDestination, strategy }
  },
  isSame: (before, after) =>
    sameConditions(before.conditions, after.conditions) && sameReachable(before.strategy, after.strategy),
  merged: (before, next) => (before.routingKey === next.routingKey ? before : next),
}

type Status = MatchStatus<MultiKeyListener, MultiKeyListenerRow, ConnectorCandidate>

const setKeys = (state: State, stream: string, routingKeys: readonly string[]): void => {
  for (const key of state.keysWhere('keys', 'stream', stream)) state.remove('keys', key)
  for (const routingKey of routingKeys) state.put('keys', `${stream} ${routingKey}`, { stream, routingKey })
}

const fold = (status: Status, event: GuardedBy<typeof isFolded>, state: State): void => {
  if (isConnection(event)) return status.setRouter(event)
  if (isReport(event)) return status.report(event, MULTI_KEY_LISTENER_REPORTS[event.type])
  if (isMetadata(event)) return status.update(row => withMetadata(row, event))
  const { stream } = event
  switch (event.type) {
    case 'MultiKeyListenerCreated':
      setKeys(state, stream, routingKeysOf(event.data.spec.strategy))
      return status.create({ ...initialMeta(event), spec: event.data.spec })
    case 'MultiKeyListenerUpdated': {
      const { revision } = event
      const { spec, generation } = event.data
      setKeys(state, stream, routingKeysOf(spec.strategy))
      return status.update(row => ({ ...row, spec, generation, revision }))
    }
    case 'MultiKeyListenerDeleted':
      setKeys(state, stream, [])
      return status.delete()
    case 'ConnectorCreated':
    case 'ConnectorUpdated':
      return status.putCounterpart(stream, { routingKey: event.data.spec.routingKey })
    case 'ConnectorDeleted':
      return status.removeCounterpart(stream)
    case 'ConnectorSeen': {
      const { namespace: seenFrom, identity, routingKey } = event.data
      return status.putCounterpart(seenKey(seenFrom, identity), { seenFrom, routingKey })
    }
    case 'ConnectorGone':
      return status.removeCounterpart(seenKey(event.data.namespace, event.data.identity))
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
    const status = new MatchStatus(
      RULES,
      {
        resources: state.table('multiKeyListeners'),
        keysWithRoutingKey: routingKey =>
          state.keysWhere('keys', 'routingKey', routingKey).map(key => state.get('keys', key)?.stream ?? ''),
        deleted: state.table('deleted'),
        counterparts: state.table('connectors'),
        routers: state.table('routers'),
        commandResults: state.table('commandResults'),
      },
      event,
    )
    fold(status, event, state)
    if (isOwn(event)) status.recordCommandResult(event)
    return state.changes
  },
}
