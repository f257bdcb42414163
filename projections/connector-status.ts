import type { HarkEvent } from '../schemas/events/events.ts'
import { connectorStream, isConnectorStream } from '../schemas/events/streams.ts'
import type { ConnectorSpec } from '../schemas/resources/connector.ts'
import { Draft } from './kit/draft.ts'
import type { Projection } from './kit/projection.ts'
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
import { NO_ROUTER, type RouterConnection, reduceRouterConnection, unknownBy } from './shared/router-connection.ts'

/** What the router said of a connector, and for which generation it said it. */
export interface ConnectorWord {
  readonly generation: number
  readonly said: 'accepted' | 'refused' | 'drifted' | 'unfit'
  readonly message: string
}

export interface ConnectorRow extends ObjectMeta {
  readonly spec: ConnectorSpec
  readonly conditions: Conditions
  readonly hasMatchingListener: boolean
  readonly router?: ConnectorWord
}

/** Connectors, and listeners that are declared, stand under the name of their stream. */
export interface ConnectorStatusRows {
  readonly connectors: ConnectorRow
  /** What is left of a deleted connector, until one of that name is created again: the revision of its stream. */
  readonly deleted: { readonly revision: number }
  /** Listeners as connectors see them: declared in Hark, or seen on the network by the router of one site. */
  readonly listeners: { readonly seenFrom?: string; readonly routingKey: string }
  readonly routers: RouterConnection
  readonly answers: CommandResult<ConnectorRow>
}

type Status = Draft<ConnectorStatusRows>

const NO_PODS =
  'Not Configured: a selector names pods, and Hark knows no cluster to find them in: give the connector a host in its place'

/** What the index `match` keeps listeners by: those that the router of a namespace sees, or the declared ones. */
export const listenersOf = (routingKey: string, seenFrom = ''): string => `${seenFrom} ${routingKey}`

const configured = (row: ConnectorRow, link: RouterConnection | undefined): ConditionResult => {
  if (link?.connection === 'Connecting') return unknownBy(link)
  // No router helps here: to ask for one first would send people the wrong way.
  if (row.spec.host === undefined) return pending(NO_PODS)
  if (link === undefined || link.connection === 'Detached') return pending(NO_ROUTER)
  const word = row.router
  if (word === undefined || word.generation !== row.generation) return pending('Not Configured')
  if (word.said === 'accepted') return OK
  return word.said === 'drifted' ? pending(word.message) : failed(word.message)
}

const matched = (status: Status, row: ConnectorRow, link: RouterConnection | undefined): ConditionResult => {
  if (link?.connection === 'Connecting') return unknownBy(link)
  const seenFrom = link?.connection === 'Connected' ? row.namespace : ''
  return status.hasAny('listeners', 'match', listenersOf(row.spec.routingKey, seenFrom))
    ? OK
    : pending('No matching listeners')
}

/** Finds the conditions anew; a connector of which there is nothing new to say stays as it is. */
const refresh = (
  status: Status,
  key: string,
  event: HarkEvent,
  changed: ConnectorRow | undefined = undefined,
): void => {
  const before = status.get('connectors', key)
  const row = changed ?? before
  if (row === undefined) return
  const link = status.get('routers', row.namespace)
  const matches = matched(status, row, link)
  const conditions = conditionsAt(before?.conditions, configured(row, link), matches, row.generation, event.time)
  if (changed === undefined && sameConditions(row.conditions, conditions)) return
  status.put('connectors', key, {
    ...row,
    conditions,
    hasMatchingListener: matches.status === 'True',
    resourceVersion: event.position,
  })
}

const refreshKey = (status: Status, routingKey: string, event: HarkEvent): void => {
  for (const key of status.keysWhere('connectors', 'routingKey', routingKey)) refresh(status, key, event)
}

const putListener = (
  status: Status,
  key: string,
  listener: ConnectorStatusRows['listeners'],
  event: HarkEvent,
): void => {
  const before = status.get('listeners', key)
  if (before?.routingKey === listener.routingKey) return
  status.put('listeners', key, listener)
  if (before !== undefined) refreshKey(status, before.routingKey, event)
  refreshKey(status, listener.routingKey, event)
}

const removeListener = (status: Status, key: string, event: HarkEvent): void => {
  const before = status.get('listeners', key)
  if (before === undefined) return
  status.remove('listeners', key)
  refreshKey(status, before.routingKey, event)
}

const applyRouterReport = (
  status: Status,
  event: HarkEvent<'ConnectorAccepted' | 'ConnectorRefused' | 'ConnectorDrifted' | 'ConnectorCredentialsUnfit'>,
  said: ConnectorWord['said'],
): void => {
  const { namespace, name, uid, generation } = event.data
  const key = connectorStream(namespace, name)
  const row = status.get('connectors', key)
  // The router may still speak of a connector that is gone, or of one that bore the same name.
  if (row === undefined || row.uid !== uid) return
  const message = 'message' in event.data ? event.data.message : 'OK'
  status.put('connectors', key, { ...row, router: { generation, said, message } })
  refresh(status, key, event)
}

/** What a router said is true of that one alone: of a router attached since nothing is known yet. */
const clearRouterState = (status: Status, namespace: string): void => {
  for (const key of status.keysWhere('listeners', 'seenFrom', namespace)) status.remove('listeners', key)
  for (const key of status.keysWhere('connectors', 'namespace', namespace)) {
    const { router, ...row } = status.get('connectors', key) as ConnectorRow
    if (router !== undefined) status.put('connectors', key, row)
  }
}

const setRouter = (status: Status, event: HarkEvent, namespace: string): void => {
  const link = reduceRouterConnection(status.get('routers', namespace), event)
  if (link === undefined) return
  if (event.type === 'RouterAttached') clearRouterState(status, namespace)
  status.put('routers', namespace, link)
  for (const key of status.keysWhere('connectors', 'namespace', namespace)) refresh(status, key, event)
}

const fold = (status: Status, event: HarkEvent): void => {
  switch (event.type) {
    case 'ConnectorCreated': {
      const key = event.stream
      if (status.get('deleted', key) !== undefined) status.remove('deleted', key)
      return refresh(status, key, event, { ...initialMeta(event), spec: event.data.spec } as ConnectorRow)
    }
    case 'ConnectorUpdated': {
      const { generation, spec } = event.data
      const key = event.stream
      const row = status.get('connectors', key)
      return row === undefined
        ? undefined
        : refresh(status, key, event, { ...row, spec, generation, revision: event.revision })
    }
    case 'ConnectorDeleted': {
      const key = event.stream
      status.remove('connectors', key)
      return status.put('deleted', key, { revision: event.revision })
    }

    case 'ListenerCreated':
      return putListener(status, event.stream, { routingKey: event.data.spec.routingKey }, event)
    case 'RoutingKeyUpdated':
      return putListener(status, event.stream, { routingKey: event.data.routingKey }, event)
    case 'ListenerDeleted':
      return removeListener(status, event.stream, event)
    case 'ListenerSeen': {
      const { namespace, identity, routingKey } = event.data
      return putListener(status, seenKey(namespace, identity), { seenFrom: namespace, routingKey }, event)
    }
    case 'ListenerGone':
      return removeListener(status, seenKey(event.data.namespace, event.data.identity), event)

    case 'RouterAttached':
    case 'RouterConnected':
    case 'RouterLost':
    case 'RouterUnobserved':
    case 'RouterDetached':
      return setRouter(status, event, event.data.namespace)
    case 'ConnectorAccepted':
      return applyRouterReport(status, event, 'accepted')
    case 'ConnectorRefused':
      return applyRouterReport(status, event, 'refused')
    case 'ConnectorDrifted':
      return applyRouterReport(status, event, 'drifted')
    case 'ConnectorCredentialsUnfit':
      return applyRouterReport(status, event, 'unfit')
  }
}

/** A caller that sends its command again is answered as the first time: the row is kept as it was then. */
const recordCommandResult = (status: Status, event: HarkEvent): void => {
  const { commandId } = event.metadata
  if (commandId === undefined || !isConnectorStream(event.stream)) return
  status.put('answers', commandId, toCommandResult(event, status.get('connectors', event.stream)))
}

/** Where the status of a connector and hasMatchingListener come from. */
export const connectorStatus: Projection<ConnectorStatusRows> = {
  name: 'connector-status',
  version: 4,
  tables: {
    connectors: {
      indexes: { routingKey: row => row.spec.routingKey, namespace: row => row.namespace },
      history: { indexes: [] },
    },
    deleted: {},
    listeners: { indexes: { match: row => listenersOf(row.routingKey, row.seenFrom), seenFrom: row => row.seenFrom } },
    routers: {},
    answers: { onDiskOnly: true },
  },
  project: (state, event) => {
    const status = new Draft(connectorStatus, state)
    fold(status, event)
    recordCommandResult(status, event)
    return status.changes
  },
}
