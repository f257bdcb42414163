import type { Command, CommandType } from '../../../schemas/commands.ts'
import type { DomainEvent } from '../../../schemas/events/events.ts'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import { endpointStream } from '../../../schemas/events/streams.ts'
import { KINDS, type Kind } from '../../../schemas/resources/kinds.ts'
import { RESOURCES } from '../../../schemas/resources/registry.ts'
import { connector } from '../../domain/connector.ts'
import type { Decider, WithNewUid } from '../../domain/decider.ts'
import { listener } from '../../domain/listener.ts'
import { site } from '../../domain/site.ts'
import { NO_STREAM } from '../../event-store/event-store.ts'
import type { ModelName, ReadModels } from '../read-models/read-models.ts'

export interface ResourceRow {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly generation: number
  readonly resourceVersion: Position
  readonly revision: number
  readonly spec: object
}

export interface KnownResult {
  readonly stream: string
  readonly position: Position
  readonly eventType?: string
  readonly uid: string
  /** Absent if Hark 0.1 executed the command. */
  readonly commandHash?: string
  readonly row?: ResourceRow
}

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

interface ResourceTables {
  readonly rows: {
    get(key: string): ResourceRow | undefined
    where(index: string, value: string): Iterable<ResourceRow>
  }
  readonly deleted?: { get(key: string): { readonly revision: number } | undefined }
}

interface Definition<State, C extends Command, E extends DomainEvent> {
  readonly decider: Decider<State, WithNewUid<C>, E>
  readonly model: ModelName
  tables(models: ReadModels): ResourceTables
  /** Returns the stream by default. */
  key?(namespace: string): string
  readonly holdsEndpoint?: true
}

type State = { readonly exists: false } | { readonly exists: true; readonly uid: string; readonly spec: object }

export class ResourceDefinition {
  readonly kind: Kind
  readonly model: ModelName
  readonly decider: Decider<unknown, WithNewUid<Command>, DomainEvent>
  readonly #definition: Definition<unknown, Command, DomainEvent>

  constructor(kind: Kind, definition: Definition<unknown, Command, DomainEvent>) {
    this.kind = kind
    this.model = definition.model
    this.decider = definition.decider
    this.#definition = definition
  }

  stream({ namespace, name }: Pick<Command, 'namespace' | 'name'>): string {
    return RESOURCES[this.kind].stream(namespace, name)
  }

  /** @param stream as `stream` returned it: its hash is cached */
  row(models: ReadModels, stream: string, { namespace }: Pick<Command, 'namespace'>): ResourceRow | undefined {
    return this.#definition.tables(models).rows.get(this.#definition.key?.(namespace) ?? stream)
  }

  /** Commands are decided on this state, unless the stream has moved on. */
  loadState(
    models: ReadModels,
    stream: string,
    resource: Pick<Command, 'namespace'>,
  ): { readonly state: unknown; readonly revision: number } {
    const row = this.row(models, stream, resource)
    if (row === undefined) {
      const deleted = this.#definition.tables(models).deleted?.get(stream)
      return { state: { exists: false }, revision: deleted?.revision ?? NO_STREAM }
    }
    const { name, uid, generation, spec, revision } = row
    return { state: { exists: true, name, uid, generation, spec }, revision }
  }

  uid(state: unknown): string | undefined {
    const resource = state as State
    return resource.exists ? resource.uid : undefined
  }

  endpoint(namespace: string, state: unknown): Endpoint | undefined {
    const resource = state as State
    return resource.exists ? this.#endpoint(namespace, resource.spec) : undefined
  }

  #endpoint(namespace: string, spec: object): Endpoint | undefined {
    if (!this.#definition.holdsEndpoint) return undefined
    const { host, port } = spec as { readonly host: string; readonly port: number }
    return endpointOf(namespace, host, port)
  }

  *endpoints(models: ReadModels, namespace: string): Iterable<readonly [endpoint: Endpoint, stream: string]> {
    if (!this.#definition.holdsEndpoint) return
    for (const row of this.#definition.tables(models).rows.where('namespace', namespace)) {
      const endpoint = this.#endpoint(namespace, row.spec)
      if (endpoint !== undefined) yield [endpoint, this.stream(row)]
    }
  }
}

const define = <State, C extends Command, E extends DomainEvent>(
  kind: Kind,
  definition: Definition<State, C, E>,
): ResourceDefinition =>
  new ResourceDefinition(kind, definition as unknown as Definition<unknown, Command, DomainEvent>)

const DEFINITIONS: Readonly<Record<Kind, ResourceDefinition>> = {
  Listener: define('Listener', {
    decider: listener,
    model: 'listenerStatus',
    tables: ({
      serving: {
        listenerStatus: { tables },
      },
    }) => ({ rows: tables.listeners, deleted: tables.deleted }),
    holdsEndpoint: true,
  }),
  Connector: define('Connector', {
    decider: connector,
    model: 'connectorStatus',
    tables: ({
      serving: {
        connectorStatus: { tables },
      },
    }) => ({ rows: tables.connectors, deleted: tables.deleted }),
  }),
  Site: define('Site', {
    decider: site,
    model: 'sites',
    tables: ({ serving }) => ({ rows: serving.sites.tables.sites }),
    key: namespace => namespace,
  }),
}

export const ALL_RESOURCES = KINDS.map(kind => DEFINITIONS[kind])

const BY_COMMAND = new Map(
  ALL_RESOURCES.flatMap(resource => Object.keys(RESOURCES[resource.kind].commands).map(type => [type, resource])),
)

export const resourceOf = (type: CommandType): ResourceDefinition => BY_COMMAND.get(type) as ResourceDefinition

export const resourceOfStream = (stream: string): ResourceDefinition | undefined =>
  ALL_RESOURCES.find(({ kind }) => stream.startsWith(RESOURCES[kind].prefix))
