import type { HarkEvent } from '../schemas/events/events.ts'
import { isListenerStream, listenerStream } from '../schemas/events/streams.ts'
import type { ListenerSpec } from '../schemas/resources/listener.ts'
import { Draft } from './kit/draft.ts'
import type { Projection, Tables } from './kit/projection.ts'
import { type CommandResult, toCommandResult } from './shared/command-result.ts'
import {
  type ConditionResult,
  type Conditions,
  conditionsAt,
  failed,
  OK,
  pending,
  sameConditions,
} from './shared/conditions.ts'
import { initialMeta, type ObjectMeta } from './shared/object-meta.ts'
import { seenKey } from './shared/observed-key.ts'
import { isProbeable, type ProbeWord, reachable, withoutStaleProbe } from './shared/reachability.ts'
import { NO_ROUTER, type RouterConnection, reduceRouterConnection, unknownBy } from './shared/router-connection.ts'

/** What the router said of a listener, and for which generation it said it. */
export interface RouterReport {
  readonly generation: number
  readonly said: 'accepted' | 'refused' | 'opened' | 'failed' | 'drifted' | 'unfit'
  readonly message: string
}

export interface ListenerRow extends ObjectMeta {
  readonly spec: ListenerSpec
  readonly conditions: Conditions
  readonly hasMatchingConnector: boolean
  readonly router?: RouterReport
  readonly probe?: ProbeWord
}

/** A connector as listeners see it: declared in Hark, or seen on the network by the router of one site. */
export interface ConnectorCandidate {
  /** The namespace of the site whose router sees it; absent where it is declared. */
  readonly seenFrom?: string
  readonly routingKey: string
  /** Where it was declared. */
  readonly namespace?: string
  /** The name of the site that it was seen at. */
  readonly site?: string | undefined
  readonly name?: string | undefined
  readonly host?: string | undefined
  readonly port?: string | undefined
  readonly since: string
}

/** Listeners, and connectors that are declared, stand under the name of their stream. */
export interface ListenerStatusRows {
  readonly listeners: ListenerRow
  /** What is left of a deleted listener, until one of that name is created again: the revision of its stream. */
  readonly deleted: { readonly revision: number }
  readonly connectors: ConnectorCandidate
  readonly routers: RouterConnection
  readonly answers: CommandResult<ListenerRow>
}

type Status = Draft<ListenerStatusRows>

const connectorsOf = (routingKey: string, seenFrom = ''): string => `${seenFrom} ${routingKey}`

const isAttached = (link: RouterConnection | undefined): boolean => link !== undefined && link.connection !== 'Detached'

const configured = (row: ListenerRow, link: RouterConnection | undefined): ConditionResult => {
  if (link === undefined || link.connection === 'Detached') return pending(NO_ROUTER)
  if (link.connection === 'Connecting') return unknownBy(link)
  const word = row.router
  if (word === undefined || word.generation !== row.generation) return pending('Not Configured')
  if (word.said === 'drifted') return pending(word.message)
  return word.said === 'accepted' || word.said === 'opened' ? OK : failed(word.message)
}

/** The value of the index under which the connectors stand that can match this listener. */
const candidates = (row: ListenerRow, link: RouterConnection | undefined): string =>
  connectorsOf(row.spec.routingKey, isAttached(link) ? row.namespace : '')

const matched = (link: RouterConnection | undefined, found: boolean): ConditionResult => {
  if (link?.connection === 'Connecting') return unknownBy(link)
  return found ? OK : pending('No matching connectors')
}

/**
 * Finds the conditions anew; a listener of which there is nothing new to say stays as it is.
 *
 * @param connectors the index value under which a connector changed: a listener matched by it has changed as well
 */
const refresh = (
  status: Status,
  key: string,
  event: HarkEvent,
  changed: ListenerRow | undefined = undefined,
  connectors: string | undefined = undefined,
): void => {
  const before = status.get('listeners', key)
  const given = changed ?? before
  if (given === undefined) return
  const link = status.get('routers', given.namespace)
  const match = candidates(given, link)
  const matches = matched(link, status.hasAny('connectors', 'match', match))
  const config = configured(given, link)
  const row = withoutStaleProbe(given, config, matches)
  const reach = reachable(row, config, matches)
  const conditions = conditionsAt(before?.conditions, config, matches, row.generation, event.time, reach)
  const isMatchedAnew = matches.status === 'True' && match === connectors
  if (changed === undefined && !isMatchedAnew && sameConditions(row.conditions, conditions)) return
  status.put('listeners', key, {
    ...row,
    conditions,
    hasMatchingConnector: matches.status === 'True',
    resourceVersion: event.position,
  })
}

const refreshMatched = (status: Status, { routingKey, seenFrom }: ConnectorCandidate, event: HarkEvent): void => {
  const match = connectorsOf(routingKey, seenFrom)
  for (const key of status.keysWhere('listeners', 'routingKey', routingKey))
    refresh(status, key, event, undefined, match)
}

const refreshSite = (status: Status, namespace: string, event: HarkEvent): void => {
  for (const key of status.keysWhere('listeners', 'namespace', namespace)) refresh(status, key, event)
}

const isSame = (one: ConnectorCandidate, other: ConnectorCandidate): boolean =>
  one.routingKey === other.routingKey &&
  one.namespace === other.namespace &&
  one.site === other.site &&
  one.name === other.name &&
  one.host === other.host &&
  one.port === other.port

const putConnector = (status: Status, key: string, connector: ConnectorCandidate, event: HarkEvent): void => {
  const before = status.get('connectors', key)
  if (before !== undefined && isSame(before, connector)) return
  const since = before?.routingKey === connector.routingKey ? before.since : connector.since
  status.put('connectors', key, { ...connector, since })
  if (before !== undefined && before.routingKey !== connector.routingKey) refreshMatched(status, before, event)
  refreshMatched(status, connector, event)
}

const removeConnector = (status: Status, key: string, event: HarkEvent): void => {
  const before = status.get('connectors', key)
  if (before === undefined) return
  status.remove('connectors', key)
  refreshMatched(status, before, event)
}

const updateSpec = (
  status: Status,
  event: HarkEvent<'RoutingKeyUpdated' | 'HostUpdated' | 'PortUpdated'>,
  spec: Partial<ListenerSpec>,
): void => {
  const key = event.stream
  const row = status.get('listeners', key)
  if (row === undefined) return
  const { generation } = event.data
  refresh(status, key, event, { ...row, spec: { ...row.spec, ...spec }, generation, revision: event.revision })
}

const applyRouterReport = (
  status: Status,
  event: HarkEvent<
    | 'ListenerAccepted'
    | 'ListenerRefused'
    | 'ListenerOpened'
    | 'ListenerFailedToOpen'
    | 'ListenerDrifted'
    | 'ListenerCredentialsUnfit'
  >,
  said: RouterReport['said'],
): void => {
  const { namespace, name, uid, generation } = event.data
  const key = listenerStream(namespace, name)
  const row = status.get('listeners', key)
  // The router may still speak of a listener that is gone, or of one that bore the same name.
  if (row === undefined || row.uid !== uid) return
  const message = 'message' in event.data ? event.data.message : 'OK'
  status.put('listeners', key, { ...row, router: { generation, said, message } })
  refresh(status, key, event)
}

const hearProbe = (
  status: Status,
  event: HarkEvent<'ListenerReached' | 'ListenerNotReached' | 'ListenerProbeInconclusive'>,
  found: ProbeWord['found'],
): void => {
  const { namespace, name, uid, generation } = event.data
  const key = listenerStream(namespace, name)
  const row = status.get('listeners', key)
  if (row === undefined || row.uid !== uid || !isProbeable(row.conditions)) return
  const message = 'message' in event.data ? event.data.message : 'OK'
  status.put('listeners', key, { ...row, probe: { generation, found, message } })
  refresh(status, key, event)
}

/** What a router said is true of that one alone: of a router attached since nothing is known yet. */
const clearRouterState = (status: Status, namespace: string): void => {
  for (const key of status.keysWhere('connectors', 'seenFrom', namespace)) status.remove('connectors', key)
  for (const key of status.keysWhere('listeners', 'namespace', namespace)) {
    const { router, ...row } = status.get('listeners', key) as ListenerRow
    if (router !== undefined) status.put('listeners', key, row)
  }
}

const setRouter = (status: Status, event: HarkEvent, namespace: string): void => {
  const link = reduceRouterConnection(status.get('routers', namespace), event)
  if (link === undefined) return
  if (event.type === 'RouterAttached') clearRouterState(status, namespace)
  status.put('routers', namespace, link)
  refreshSite(status, namespace, event)
}

/** A caller that sends its command again is answered as the first time: the row is kept as it was then. */
const recordCommandResult = (status: Status, event: HarkEvent): void => {
  const { commandId } = event.metadata
  if (commandId === undefined || !isListenerStream(event.stream)) return
  status.put('answers', commandId, toCommandResult(event, status.get('listeners', event.stream)))
}

const fold = (status: Status, event: HarkEvent): void => {
  switch (event.type) {
    case 'ListenerCreated': {
      const key = event.stream
      if (status.get('deleted', key) !== undefined) status.remove('deleted', key)
      return refresh(status, key, event, { ...initialMeta(event), spec: event.data.spec } as ListenerRow)
    }
    case 'RoutingKeyUpdated':
      return updateSpec(status, event, { routingKey: event.data.routingKey })
    case 'HostUpdated':
      return updateSpec(status, event, { host: event.data.host })
    case 'PortUpdated':
      return updateSpec(status, event, { port: event.data.port })
    case 'ListenerDeleted': {
      const key = event.stream
      status.remove('listeners', key)
      return status.put('deleted', key, { revision: event.revision })
    }

    case 'ConnectorCreated':
    case 'ConnectorUpdated': {
      const { namespace, name, spec } = event.data
      const at = { ...(spec.host && { host: spec.host }), port: String(spec.port) }
      const connector = { routingKey: spec.routingKey, namespace, name, ...at, since: event.time }
      return putConnector(status, event.stream, connector, event)
    }
    case 'ConnectorDeleted':
      return removeConnector(status, event.stream, event)
    case 'ConnectorSeen': {
      const { namespace, identity, ...connector } = event.data
      return putConnector(
        status,
        seenKey(namespace, identity),
        { ...connector, seenFrom: namespace, since: event.time },
        event,
      )
    }
    case 'ConnectorGone':
      return removeConnector(status, seenKey(event.data.namespace, event.data.identity), event)

    case 'RouterAttached':
    case 'RouterConnected':
    case 'RouterLost':
    case 'RouterUnobserved':
    case 'RouterDetached':
      return setRouter(status, event, event.data.namespace)
    case 'ListenerAccepted':
      return applyRouterReport(status, event, 'accepted')
    case 'ListenerRefused':
      return applyRouterReport(status, event, 'refused')
    case 'ListenerOpened':
      return applyRouterReport(status, event, 'opened')
    case 'ListenerFailedToOpen':
      return applyRouterReport(status, event, 'failed')
    case 'ListenerDrifted':
      return applyRouterReport(status, event, 'drifted')
    case 'ListenerCredentialsUnfit':
      return applyRouterReport(status, event, 'unfit')
    case 'ListenerReached':
      return hearProbe(status, event, 'reached')
    case 'ListenerNotReached':
      return hearProbe(status, event, 'notReached')
    case 'ListenerProbeInconclusive':
      return hearProbe(status, event, 'inconclusive')
  }
}

/** Where Configured, Matched, Ready and hasMatchingConnector come from. */
export const listenerStatus: Projection<ListenerStatusRows> = {
  name: 'listener-status',
  version: 3,
  tables: {
    listeners: {
      indexes: { routingKey: row => row.spec.routingKey, namespace: row => row.namespace },
      history: { indexes: [] },
    },
    deleted: {},
    connectors: {
      indexes: { match: row => connectorsOf(row.routingKey, row.seenFrom), seenFrom: row => row.seenFrom },
      history: { indexes: ['match'] },
    },
    routers: { history: { indexes: [] } },
    answers: { onDiskOnly: true },
  },
  project: (state, event) => {
    const status = new Draft(listenerStatus, state)
    fold(status, event)
    recordCommandResult(status, event)
    return status.changes
  },
}

/** What of its tables a match is read from. */
interface MatchTables {
  readonly connectors: Pick<Tables<ListenerStatusRows>['connectors'], 'where'>
  readonly routers: Pick<Tables<ListenerStatusRows>['routers'], 'get'>
}

/** The connectors that make a listener matched, by the tables of this projection; why hasMatchingConnector is what it is. */
export const matchingConnectors = (tables: MatchTables, row: ListenerRow): ConnectorCandidate[] =>
  row.hasMatchingConnector
    ? [...tables.connectors.where('match', candidates(row, tables.routers.get(row.namespace)))]
    : []
