import type { Table } from '../../../projections/kit/table.ts'
import type { Command, CommandType } from '../../../schemas/commands.ts'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import { endpointStream } from '../../../schemas/events/streams.ts'
import { KINDS, type Kind } from '../../../schemas/resources/kinds.ts'
import { type Metadata, metadataOf } from '../../../schemas/resources/metadata.ts'
import { RESOURCES } from '../../../schemas/resources/registry.ts'
import { withMetadata } from '../../domain/metadata.ts'
import { NO_STREAM } from '../../event-store/event-store.ts'
import type { ModelName } from '../read-models/projections.ts'
import type { ReadModels } from '../read-models/read-models.ts'
import { modelOf } from '../resources/registry.ts'
import type { ResourceModel } from '../resources/resource-model.ts'

export interface ResourceRow extends Metadata {
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
  readonly replaced?: boolean
  readonly uid: string
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

type State = { readonly exists: false } | { readonly exists: true; readonly uid: string; readonly spec: object }

interface HostAndPort {
  readonly host: string
  readonly port: number
}

interface Tables {
  readonly [table: string]: Table<ResourceRow>
}

export class ResourceDefinition {
  readonly kind: Kind
  readonly model: ModelName
  readonly decider: ResourceModel['decider']
  readonly #model: ResourceModel

  constructor(kind: Kind) {
    this.kind = kind
    this.#model = modelOf(kind)
    this.model = this.#model.model as ModelName
    this.decider = withMetadata(kind, this.#model.decider)
  }

  stream({ namespace, name }: Pick<Command, 'namespace' | 'name'>): string {
    return RESOURCES[this.kind].stream(namespace, name)
  }

  #tables(models: ReadModels): Tables {
    return models.tables[this.model] as unknown as Tables
  }

  #rows(models: ReadModels): Table<ResourceRow> {
    return this.#tables(models)[this.#model.table] as Table<ResourceRow>
  }

  row(models: ReadModels, stream: string, { namespace }: Pick<Command, 'namespace'>): ResourceRow | undefined {
    return this.#rows(models).get(this.#model.key?.(namespace) ?? stream)
  }

  loadState(
    models: ReadModels,
    stream: string,
    resource: Pick<Command, 'namespace'>,
  ): { readonly state: unknown; readonly revision: number } {
    const row = this.row(models, stream, resource)
    if (row === undefined) {
      const deleted = this.#tables(models).deleted?.get(stream)
      return { state: { exists: false }, revision: deleted?.revision ?? NO_STREAM }
    }
    const { name, uid, generation, spec, revision } = row
    return { state: { exists: true, name, uid, generation, spec, ...metadataOf(row) }, revision }
  }

  uid(state: unknown): string | undefined {
    const resource = state as State
    return resource.exists ? resource.uid : undefined
  }

  endpoint(namespace: string, state: unknown): Endpoint | undefined {
    const resource = state as State
    return resource.exists ? this.#endpoint(namespace, resource.spec) : undefined
  }

  /** Host names are compared as they are written. */
  hasSameEndpoint(before: unknown, after: unknown): boolean {
    if (!this.#model.holdsEndpoint) return true
    const [one, other] = [before as State, after as State]
    if (!one.exists || !other.exists) return false
    const [old, now] = [one.spec as HostAndPort, other.spec as HostAndPort]
    return old.host === now.host && old.port === now.port
  }

  #endpoint(namespace: string, spec: object): Endpoint | undefined {
    if (!this.#model.holdsEndpoint) return undefined
    const { host, port } = spec as HostAndPort
    return endpointOf(namespace, host, port)
  }

  count(models: ReadModels, namespace: string): number {
    return [...this.#rows(models).where('namespace', namespace)].length
  }

  *endpoints(models: ReadModels, namespace: string): Iterable<readonly [endpoint: Endpoint, stream: string]> {
    if (!this.#model.holdsEndpoint) return
    for (const row of this.#rows(models).where('namespace', namespace)) {
      const endpoint = this.#endpoint(namespace, row.spec)
      if (endpoint !== undefined) yield [endpoint, this.stream(row)]
    }
  }
}

export const ALL_RESOURCES = KINDS.map(kind => new ResourceDefinition(kind))

const BY_COMMAND = new Map(
  ALL_RESOURCES.flatMap(resource => Object.keys(RESOURCES[resource.kind].commands).map(type => [type, resource])),
)

export const resourceOf = (type: CommandType): ResourceDefinition => BY_COMMAND.get(type) as ResourceDefinition

export const resourceOfStream = (stream: string): ResourceDefinition | undefined =>
  ALL_RESOURCES.find(({ kind }) => stream.startsWith(RESOURCES[kind].prefix))

/** The kind and name of the listener that has a stream. */
export const ownerOfStream = (stream: string): { readonly kind: Kind; readonly name: string } => ({
  kind: (resourceOfStream(stream) as ResourceDefinition).kind,
  name: stream.slice(stream.indexOf('.') + 1),
})
