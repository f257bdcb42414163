import { type EventTypeOf, type GuardedBy, inCategories } from '../schemas/events/events.ts'
import { listenerStream } from '../schemas/events/streams.ts'
import { type ListenerSpec, updatedFields } from '../schemas/resources/listener.ts'
import { Draft, NO_CHANGES } from './kit/draft.ts'
import type { Projection, Tables } from './kit/projection.ts'
import type { CommandResult } from './shared/command-result.ts'
import type { Conditions } from './shared/evaluate-conditions.ts'
import { MatchStatus, matchIndex, matchOf, type RouterReport, seenKey, unsupportedType } from './shared/match-status.ts'
import { withMetadata } from './shared/metadata.ts'
import { initialMeta } from './shared/object-meta.ts'
import { isProbeable, type ProbeReport, reachable, withoutStaleProbe } from './shared/reachability.ts'
import type { RouterConnection } from './shared/router-connection.ts'
import { type SingleKeyResource, singleKeyRules } from './shared/single-key-rules.ts'

interface Listener extends SingleKeyResource {
  readonly spec: ListenerSpec
  readonly probe?: ProbeReport
}

export interface ListenerRow extends Listener {
  readonly conditions: Conditions
  readonly hasMatchingConnector: boolean
}

export interface ConnectorCandidate {
  /** The namespace of the observing router; absent if the connector is declared. */
  readonly seenFrom?: string
  readonly routingKey: string
  readonly namespace?: string
  readonly site?: string | undefined
  readonly name?: string | undefined
  readonly host?: string | undefined
  readonly port?: string | undefined
  readonly since: string
}

/** Stream names are the keys of listeners and declared connectors. */
export interface ListenerStatusRows {
  readonly listeners: ListenerRow
  /** Deleted listeners, until their names are used again. */
  readonly deleted: { readonly revision: number }
  readonly connectors: ConnectorCandidate
  readonly routers: RouterConnection
  readonly commandResults: CommandResult<ListenerRow>
}

const SHOWN = [
  'routingKey',
  'namespace',
  'site',
  'name',
  'host',
  'port',
] as const satisfies (keyof ConnectorCandidate)[]

const RULES = singleKeyRules<Listener, ListenerRow, ConnectorCandidate>({
  stream: listenerStream,
  unmatched: 'No matching connectors',
  unconfigurable: ({ spec }) => unsupportedType(spec.type),
  probed: (listener, configured, matched) => {
    const resource = withoutStaleProbe(listener, configured, matched)
    return { resource, reachable: reachable(resource, configured, matched) }
  },
  row: (listener, conditions, hasMatchingConnector) => ({ ...listener, conditions, hasMatchingConnector }),
  merged: (before, next) => {
    if (SHOWN.every(field => before[field] === next[field])) return before
    return before.routingKey === next.routingKey ? { ...next, since: before.since } : next
  },
  showsCounterpart: (row, match, router) =>
    row.hasMatchingConnector && match === matchOf(row.namespace, row.spec.routingKey, router),
})

export const LISTENER_REPORTS: Readonly<Record<EventTypeOf<'listenerReport'>, RouterReport['state']>> = {
  ListenerAccepted: 'accepted',
  ListenerRefused: 'refused',
  ListenerOpened: 'opened',
  ListenerFailedToOpen: 'failed',
  ListenerDrifted: 'drifted',
  ListenerCredentialsUnfit: 'unfit',
}

const PROBES: Readonly<Record<EventTypeOf<'listenerProbe'>, ProbeReport['outcome']>> = {
  ListenerReached: 'reached',
  ListenerNotReached: 'notReached',
  ListenerProbeInconclusive: 'inconclusive',
}

const isFolded = inCategories(
  'listener',
  'listenerMetadata',
  'connector',
  'connection',
  'listenerReport',
  'listenerProbe',
  'seenConnector',
)
const isConnection = inCategories('connection')
const isOwn = inCategories('listener', 'listenerMetadata')
const isMetadata = inCategories('listenerMetadata')
const isReport = inCategories('listenerReport')
const isProbe = inCategories('listenerProbe')

type Status = MatchStatus<Listener, ListenerRow, ConnectorCandidate>

const applyProbe = (status: Status, { type, data }: GuardedBy<typeof isProbe>): void => {
  const message = 'message' in data ? data.message : 'OK'
  const probe = { generation: data.generation, outcome: PROBES[type], message }
  status.amend(data, row => (isProbeable(row.conditions) ? { ...row, probe } : undefined))
}

const fold = (status: Status, event: GuardedBy<typeof isFolded>): void => {
  if (isConnection(event)) return status.setRouter(event)
  if (isReport(event)) return status.report(event, LISTENER_REPORTS[event.type])
  if (isProbe(event)) return applyProbe(status, event)
  if (isMetadata(event)) return status.update(row => withMetadata(row, event))
  switch (event.type) {
    case 'ListenerCreated':
      return status.create({ ...initialMeta(event), spec: event.data.spec })
    case 'ListenerDeleted':
      return status.delete()

    case 'ConnectorCreated':
    case 'ConnectorUpdated': {
      const { namespace, name, spec } = event.data
      const target = { ...(spec.host && { host: spec.host }), port: String(spec.port) }
      const connector = { routingKey: spec.routingKey, namespace, name, ...target, since: event.time }
      return status.putCounterpart(event.stream, connector)
    }
    case 'ConnectorDeleted':
      return status.removeCounterpart(event.stream)
    case 'ConnectorSeen': {
      const { namespace: seenFrom, identity, ...connector } = event.data
      return status.putCounterpart(seenKey(seenFrom, identity), { ...connector, seenFrom, since: event.time })
    }
    case 'ConnectorGone':
      return status.removeCounterpart(seenKey(event.data.namespace, event.data.identity))
    default: {
      const { revision, data } = event
      const { generation } = data
      return status.update(row => ({ ...row, spec: { ...row.spec, ...updatedFields(data) }, generation, revision }))
    }
  }
}

export const listenerStatus: Projection<ListenerStatusRows, 'listeners' | 'connectors' | 'routers'> = {
  name: 'listener-status',
  version: 6,
  tables: {
    listeners: {
      indexes: { routingKey: row => row.spec.routingKey, namespace: row => row.namespace },
      history: { indexes: [] },
    },
    deleted: {},
    connectors: {
      indexes: { match: row => matchIndex(row.routingKey, row.seenFrom), seenFrom: row => row.seenFrom },
      history: { indexes: ['match'] },
    },
    routers: { history: { indexes: [] } },
    commandResults: { onDiskOnly: true },
  },
  project: (state, event) => {
    if (!isFolded(event)) return NO_CHANGES
    const draft = new Draft(listenerStatus, state)
    const tables = {
      resources: draft.table('listeners'),
      keysWithRoutingKey: (routingKey: string) => draft.keysWhere('listeners', 'routingKey', routingKey),
      deleted: draft.table('deleted'),
      counterparts: draft.table('connectors'),
      routers: draft.table('routers'),
      commandResults: draft.table('commandResults'),
    }
    const status = new MatchStatus(RULES, tables, event)
    fold(status, event)
    if (isOwn(event)) status.recordCommandResult(event)
    return draft.changes
  },
}

interface ConnectorTables {
  readonly connectors: Pick<Tables<ListenerStatusRows>['connectors'], 'where'>
  readonly routers: Pick<Tables<ListenerStatusRows>['routers'], 'get'>
}

export const matchingConnectors = (tables: ConnectorTables, row: ListenerRow): ConnectorCandidate[] =>
  row.hasMatchingConnector
    ? [
        ...tables.connectors.where(
          'match',
          matchOf(row.namespace, row.spec.routingKey, tables.routers.get(row.namespace)),
        ),
      ]
    : []
