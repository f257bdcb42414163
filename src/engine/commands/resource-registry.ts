import type { Command, ConnectorCommand, ListenerCommand, SiteCommand } from '../../../schemas/commands.ts'
import type { ConnectorEvent, DomainEvent, ListenerEvent, SiteEvent } from '../../../schemas/events/events.ts'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import { connectorStream, endpointStream, listenerStream, siteStream } from '../../../schemas/events/streams.ts'
import type { Kind } from '../../../schemas/resources/kinds.ts'
import { type ConnectorState, connector } from '../../domain/connector.ts'
import type { Decider, ResourceState, WithNewUid } from '../../domain/decider.ts'
import { type ListenerState, listener } from '../../domain/listener.ts'
import { type SiteState, site } from '../../domain/site.ts'
import { NO_STREAM } from '../../event-store/event-store.ts'
import type { ModelName, ReadModels } from '../read-models/read-models.ts'

/** A row of any resource, as far as commands go. */
export interface ResourceRow {
  readonly uid: string
  readonly generation: number
  readonly resourceVersion: Position
  readonly revision: number
}

/** What a command of a resource answered that carried its caller's own id. */
export interface RememberedAnswer {
  readonly stream: string
  readonly position: Position
  /** Absent where nothing had to change. */
  readonly eventType?: string
  readonly uid: string
  /** Of the command; absent for one that an older Hark did. */
  readonly commandHash?: string
  readonly row?: ResourceRow
}

/** A resource as the read side knows it: the state that the next command is decided on, if nobody was faster. */
export interface KnownState<State> {
  readonly state: State
  readonly revision: number
}

/** A host and port that are a listener's alone in its namespace. */
export interface Endpoint {
  readonly namespace: string
  readonly host: string
  readonly port: number
  readonly stream: string
}

export const endpointOf = (namespace: string, host: string, port: number): Endpoint => ({
  namespace,
  host,
  port,
  stream: endpointStream(namespace, host, port),
})

/** What the handling of commands must know of one kind of resource. */
export interface ResourceDefinition<State = unknown, C extends Command = Command, E extends DomainEvent = DomainEvent> {
  readonly kind: Kind
  readonly model: ModelName
  readonly decider: Decider<State, WithNewUid<C>, E>
  stream(command: Pick<C, 'namespace' | 'name'>): string
  row(models: ReadModels, namespace: string, name: string): ResourceRow | undefined
  known(models: ReadModels, namespace: string, name: string): KnownState<State>
  uid(state: State): string | undefined
  /** The endpoint that a resource in this state holds. */
  endpoint(namespace: string, state: State): Endpoint | undefined
}

/** The handling of commands is the same for every kind, so it sees them without what tells them apart. */
const erased = <State, C extends Command, E extends DomainEvent>(
  kind: ResourceDefinition<State, C, E>,
): ResourceDefinition => kind as unknown as ResourceDefinition

const uidOf = (state: { readonly exists: boolean; readonly uid?: string }): string | undefined =>
  state.exists ? state.uid : undefined

/** The state that a row stands for, or what is left of a resource that was deleted, or a stream that is not there yet. */
const knownFrom = <Spec>(
  row: (ResourceRow & { readonly spec: Spec }) | undefined,
  deleted: { readonly revision: number } | undefined,
): KnownState<ResourceState<Spec>> => {
  if (row === undefined) return { state: { exists: false }, revision: deleted?.revision ?? NO_STREAM }
  const { uid, generation, spec, revision } = row
  return { state: { exists: true, uid, generation, spec }, revision }
}

const listeners = erased<ListenerState, ListenerCommand, ListenerEvent>({
  kind: 'Listener',
  model: 'listenerStatus',
  decider: listener,
  stream: ({ namespace, name }) => listenerStream(namespace, name),
  row: ({ serving }, namespace, name) => serving.listenerStatus.tables.listeners.get(listenerStream(namespace, name)),
  known: ({ serving: { listenerStatus } }, namespace, name) => {
    const key = listenerStream(namespace, name)
    return knownFrom(listenerStatus.tables.listeners.get(key), listenerStatus.tables.deleted.get(key))
  },
  uid: uidOf,
  endpoint: (namespace, state) => {
    if (!state.exists) return undefined
    return endpointOf(namespace, state.spec.host, state.spec.port)
  },
})

const connectors = erased<ConnectorState, ConnectorCommand, ConnectorEvent>({
  kind: 'Connector',
  model: 'connectorStatus',
  decider: connector,
  stream: ({ namespace, name }) => connectorStream(namespace, name),
  row: ({ serving }, namespace, name) =>
    serving.connectorStatus.tables.connectors.get(connectorStream(namespace, name)),
  known: ({ serving: { connectorStatus } }, namespace, name) => {
    const key = connectorStream(namespace, name)
    return knownFrom(connectorStatus.tables.connectors.get(key), connectorStatus.tables.deleted.get(key))
  },
  uid: uidOf,
  endpoint: () => undefined,
})

const sites = erased<SiteState, SiteCommand, SiteEvent>({
  kind: 'Site',
  model: 'sites',
  decider: site,
  stream: ({ namespace }) => siteStream(namespace),
  row: ({ serving }, namespace) => serving.sites.tables.sites.get(namespace),
  known: ({ serving }, namespace) => {
    const row = serving.sites.tables.sites.get(namespace)
    if (row === undefined) return { state: { exists: false }, revision: NO_STREAM }
    const { name, uid, generation, spec, revision } = row
    return { state: { exists: true, name, uid, generation, spec }, revision }
  },
  uid: uidOf,
  endpoint: () => undefined,
})

const KINDS: { readonly [Type in Command['type']]: ResourceDefinition } = {
  CreateListener: listeners,
  UpdateRoutingKey: listeners,
  UpdateHost: listeners,
  UpdatePort: listeners,
  DeleteListener: listeners,
  ApplyListener: listeners,
  CreateConnector: connectors,
  UpdateConnector: connectors,
  DeleteConnector: connectors,
  ApplyConnector: connectors,
  ApplySite: sites,
}

/** The kind of resource that a type of command is for. */
export const kindOf = (type: Command['type']): ResourceDefinition => KINDS[type]

/** The one kind of resource that holds endpoints. */
export const listenerKind = listeners
