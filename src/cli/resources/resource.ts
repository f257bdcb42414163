import { Option } from 'commander'
import type { Kind } from '../../../schemas/resources/kinds.ts'
import type { Client, Request } from '../client/client.ts'
import type { ConditionFragment, MetadataFragment } from '../client/generated.ts'
import { type Connection, collect, pages } from '../client/pagination.ts'
import type { Moment } from '../moment.ts'
import { statusColour } from '../output/colour.ts'
import type { Column } from '../output/table.ts'
import { age } from '../output/time.ts'

export interface Resource {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: MetadataFragment & { readonly deletionTimestamp?: string }
  readonly spec: unknown
}

export interface ConditionedResource extends Resource {
  readonly status: {
    readonly status: string
    readonly message: string
    readonly conditions: readonly ConditionFragment[]
  }
}

export interface Scope {
  readonly namespace?: string | undefined
  readonly name?: string | undefined
  readonly labelSelector?: string | undefined
  readonly at?: Moment | undefined
}

export interface Change<R> {
  readonly namespace: string
  readonly name: string
  readonly time: string
  readonly resource: R | null
}

export interface Live<R> {
  /** Each connection begins with the state, or ends its beginning with a bookmark. */
  readonly request: Request
  /** Without it, or if it returns undefined, resources may differ. */
  readonly change?: (value: never) => Change<R> | undefined
}

interface Mutation {
  readonly query: string
}

export interface ResourceKind<R extends Resource = Resource> {
  readonly kind: Kind
  readonly columns: readonly Column<R>[]
  readonly statusColumns?: readonly Column<R>[]
  readonly wideColumns: readonly Column<R>[]
  readonly message: Column<R>
  readonly deletion: Mutation
  readonly metadataUpdate: Mutation
  /** Paths that --field-selector takes, beside those of all kinds. */
  readonly selectableFields: readonly string[]
  list(client: Client, scope: Scope): Promise<R[]>
  live(scope: Scope): Live<R>
  status(resource: R): object
}

interface Updates {
  readonly options: readonly Option[]
  readonly mutations: Readonly<Record<string, Mutation>>
  readonly examples: readonly string[]
}

export interface ConditionedKind<R extends ConditionedResource = ConditionedResource> extends ResourceKind<R> {
  readonly creation: Mutation
  readonly updates: Updates
  readonly hasStrategy?: true
  readonly portDescription: string
  readonly options: readonly Option[]
  readonly examples: { readonly create: readonly string[]; readonly generate: readonly string[] }
}

/** As in Skupper; manifests may have other types, which no router is configured for. */
export const typeOption = (): Option => new Option('--type <type>', 'the protocol').choices(['tcp'])

export const singular = ({ kind }: Pick<ResourceKind, 'kind'>): string => kind.toLowerCase()
export const plural = (kind: Pick<ResourceKind, 'kind'>): string => `${singular(kind)}s`

export const NAME: Column<Resource> = { title: 'NAME', value: ({ metadata }) => metadata.name }
export const QUALIFIED_NAME: Column<Resource> = {
  title: 'NAME',
  value: ({ kind, metadata }) => resourceName(kind, metadata.name),
}
export const NAMESPACE: Column<Resource> = { title: 'NAMESPACE', value: ({ metadata }) => metadata.namespace }

export const WIDE_COLUMNS: readonly Column<Resource>[] = [
  { title: 'GENERATION', value: ({ metadata }) => metadata.generation },
  { title: 'AGE', value: ({ metadata }) => age(metadata.creationTimestamp) },
  { title: 'UID', value: ({ metadata }) => metadata.uid },
]

export const statusText = ({ metadata }: Resource, status: string): string =>
  metadata.deletionTimestamp === undefined ? status : 'Deleted'

/** Follows kubectl: `listener.skupper.io/backend`. */
export const resourceName = (kind: string, name: string): string => `${kind.toLowerCase()}.skupper.io/${name}`

const STATUS: Column<ConditionedResource> = {
  title: 'STATUS',
  value: resource => statusText(resource, resource.status.status),
  colour: statusColour,
}

export const CONDITIONED = {
  nameAndStatus: [NAME, STATUS],
  wideColumns: WIDE_COLUMNS,
  message: { title: 'MESSAGE', value: ({ status }) => status.message },
  status: ({ status }) => status,
} as const satisfies Partial<ResourceKind<ConditionedResource>> & {
  readonly nameAndStatus: readonly Column<ConditionedResource>[]
}

export const listing =
  <R>(
    one: (client: Client, scope: Scope & { readonly namespace: string; readonly name: string }) => Promise<R | null>,
    page: (
      client: Client,
      scope: Scope & { readonly after: string | null },
    ) => Promise<Connection<{ readonly node: R }>>,
  ) =>
  async (client: Client, { namespace, name, labelSelector, at }: Scope): Promise<R[]> => {
    if (namespace === undefined || name === undefined) {
      return collect(pages(after => page(client, { namespace, labelSelector, at, after })))
    }
    const resource = await one(client, { namespace, name, at })
    return resource === null ? [] : [resource]
  }

const isMap = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value)

/** GraphQL returns null for absent fields, at any depth. */
export const withoutNulls = (spec: unknown): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(spec ?? {})
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [name, isMap(value) ? withoutNulls(value) : value]),
  )

const withoutEmptyMaps = (metadata: Resource['metadata']): object =>
  Object.fromEntries(
    Object.entries(metadata).filter(
      ([, value]) => typeof value !== 'object' || value === null || Object.keys(value).length > 0,
    ),
  )

export const toManifest = <R extends Resource>(kind: ResourceKind<R>, resource: R) => ({
  apiVersion: resource.apiVersion,
  kind: resource.kind,
  metadata: withoutEmptyMaps(resource.metadata),
  spec: withoutNulls(resource.spec),
  status: kind.status(resource),
})
