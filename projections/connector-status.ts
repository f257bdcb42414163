import { type EventTypeOf, type GuardedBy, inCategories } from '../schemas/events/events.ts'
import { connectorStream } from '../schemas/events/streams.ts'
import type { ConnectorSpec } from '../schemas/resources/connector.ts'
import { updatedFields } from '../schemas/resources/listener.ts'
import { routingKeysOf } from '../schemas/resources/multi-key-listener.ts'
import { Draft, type DraftTable, NO_CHANGES } from './kit/draft.ts'
import type { Projection } from './kit/projection.ts'
import type { CommandResult } from './shared/command-result.ts'
import type { Conditions } from './shared/evaluate-conditions.ts'
import { MatchStatus, matchIndex, type RouterReport, seenKey, unsupportedType } from './shared/match-status.ts'
import { withMetadata } from './shared/metadata.ts'
import { initialMeta } from './shared/object-meta.ts'
import type { RouterConnection } from './shared/router-connection.ts'
import { type SingleKeyResource, singleKeyRules } from './shared/single-key-rules.ts'

interface Connector extends SingleKeyResource {
  readonly spec: ConnectorSpec
}

export interface ConnectorRow extends Connector {
  readonly conditions: Conditions
  readonly hasMatchingListener: boolean
}

interface ListenerCandidate {
  readonly seenFrom?: string
  /** The stream of a MultiKeyListener. */
  readonly stream?: string
  readonly routingKey: string
}

/** Stream names are the keys of connectors and declared listeners; those of MultiKeyListeners have the routing key too. */
export interface ConnectorStatusRows {
  readonly connectors: ConnectorRow
  readonly deleted: { readonly revision: number }
  readonly listeners: ListenerCandidate
  readonly routers: RouterConnection
  readonly commandResults: CommandResult<ConnectorRow>
}

const NO_PODS = 'Not Configured: selectors are not supported: use host'

const RULES = singleKeyRules<Connector, ConnectorRow, ListenerCandidate>({
  stream: connectorStream,
  unmatched: 'No matching listeners',
  unconfigurable: ({ spec }) => (spec.host === undefined ? NO_PODS : unsupportedType(spec.type)),
  row: (connector, conditions, hasMatchingListener) => ({ ...connector, conditions, hasMatchingListener }),
  merged: (before, next) => (before.routingKey === next.routingKey ? before : next),
})

export const CONNECTOR_REPORTS: Readonly<Record<EventTypeOf<'connectorReport'>, RouterReport['state']>> = {
  ConnectorAccepted: 'accepted',
  ConnectorRefused: 'refused',
  ConnectorDrifted: 'drifted',
  ConnectorCredentialsUnfit: 'unfit',
}

const isFolded = inCategories(
  'connector',
  'connectorMetadata',
  'listener',
  'multiKeyListener',
  'connection',
  'connectorReport',
  'seenListener',
)
const isConnection = inCategories('connection')
const isOwn = inCategories('connector', 'connectorMetadata')
const isMetadata = inCategories('connectorMetadata')
const isReport = inCategories('connectorReport')

type Status = MatchStatus<Connector, ConnectorRow, ListenerCandidate>

const keyed = (stream: string, routingKey: string): string => `${stream} ${routingKey}`

const setRoutingKeys = (
  status: Status,
  listeners: DraftTable<ListenerCandidate>,
  stream: string,
  routingKeys: readonly string[],
): void => {
  const wanted = new Set(routingKeys.map(routingKey => keyed(stream, routingKey)))
  for (const key of listeners.keysWhere('stream', stream)) if (!wanted.has(key)) status.removeCounterpart(key)
  for (const routingKey of routingKeys) status.putCounterpart(keyed(stream, routingKey), { stream, routingKey })
}

const fold = (status: Status, event: GuardedBy<typeof isFolded>, listeners: DraftTable<ListenerCandidate>): void => {
  if (isConnection(event)) return status.setRouter(event)
  if (isReport(event)) return status.report(event, CONNECTOR_REPORTS[event.type])
  if (isMetadata(event)) return status.update(row => withMetadata(row, event))
  switch (event.type) {
    case 'ConnectorCreated':
      return status.create({ ...initialMeta(event), spec: event.data.spec })
    case 'ConnectorUpdated': {
      const { revision } = event
      const { generation, spec } = event.data
      return status.update(row => ({ ...row, spec, generation, revision }))
    }
    case 'ConnectorDeleted':
      return status.delete()

    case 'ListenerCreated':
      return status.putCounterpart(event.stream, { routingKey: event.data.spec.routingKey })
    case 'ListenerDeleted':
      return status.removeCounterpart(event.stream)
    case 'MultiKeyListenerCreated':
    case 'MultiKeyListenerUpdated':
      return setRoutingKeys(status, listeners, event.stream, routingKeysOf(event.data.spec.strategy))
    case 'MultiKeyListenerDeleted':
      return setRoutingKeys(status, listeners, event.stream, [])
    case 'ListenerSeen': {
      const { namespace: seenFrom, identity, routingKey } = event.data
      return status.putCounterpart(seenKey(seenFrom, identity), { seenFrom, routingKey })
    }
    case 'ListenerGone':
      return status.removeCounterpart(seenKey(event.data.namespace, event.data.identity))
    default: {
      const { routingKey } = updatedFields(event.data)
      if (routingKey !== undefined) status.putCounterpart(event.stream, { routingKey })
    }
  }
}

export const connectorStatus: Projection<ConnectorStatusRows, 'connectors'> = {
  name: 'connector-status',
  version: 7,
  tables: {
    connectors: {
      indexes: { routingKey: row => row.spec.routingKey, namespace: row => row.namespace },
      history: { indexes: [] },
    },
    deleted: {},
    listeners: {
      indexes: {
        match: row => matchIndex(row.routingKey, row.seenFrom),
        seenFrom: row => row.seenFrom,
        stream: row => row.stream,
      },
    },
    routers: {},
    commandResults: { onDiskOnly: true },
  },
  project: (state, event) => {
    if (!isFolded(event)) return NO_CHANGES
    const draft = new Draft(connectorStatus, state)
    const tables = {
      resources: draft.table('connectors'),
      keysWithRoutingKey: (routingKey: string) => draft.keysWhere('connectors', 'routingKey', routingKey),
      deleted: draft.table('deleted'),
      counterparts: draft.table('listeners'),
      routers: draft.table('routers'),
      commandResults: draft.table('commandResults'),
    }
    const status = new MatchStatus(RULES, tables, event)
    fold(status, event, tables.counterparts)
    if (isOwn(event)) status.recordCommandResult(event)
    return draft.changes
  },
}
