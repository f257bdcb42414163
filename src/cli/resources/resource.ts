import type { Client, Operation } from '../client/client.ts'
import type { Moment } from '../moment.ts'
import type { Column } from '../output/table.ts'

export interface Metadata {
  readonly name: string
  readonly namespace: string
  readonly uid: string
  readonly generation: number
  readonly resourceVersion: string
  readonly creationTimestamp: string
  /** There once the resource is gone: what is shown then is what it was. */
  readonly deletionTimestamp?: string
}

export interface Condition {
  readonly type: string
  readonly status: string
  readonly reason: string
  readonly message: string
  readonly lastTransitionTime: string
  readonly observedGeneration: number
}

/** What the commands need to know of any resource; the API gives more. */
export interface Resource {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: Metadata
  readonly spec: Readonly<Record<string, unknown>>
}

/** What a resource is found by; without a name all of the namespace, without a namespace all there are. */
export interface Scope {
  readonly namespace?: string | undefined
  readonly name?: string | undefined
  /** As it was then; only of kinds that have a past. */
  readonly at?: Moment | undefined
}

/** What a subscription said of one resource. */
export interface Change<R> {
  readonly namespace: string
  readonly name: string
  readonly time: string
  /** Null once it is deleted. */
  readonly resource: R | null
}

/** How to learn of changes while they happen. */
export interface Live<R> {
  readonly operation: Operation
  /** What the value of the subscription says; without it a value only tells that something may have changed. */
  readonly change?: (value: never) => Change<R>
}

/** What one kind of resource is to the commands. */
export interface ResourceKind<R extends Resource = Resource> {
  readonly kind: string
  readonly singular: string
  readonly plural: string
  readonly aliases: readonly string[]
  /** Whether it can be shown as it was. */
  readonly hasPast: boolean
  readonly columns: readonly Column<R>[]
  /** Those that `-o wide` adds. */
  readonly wideColumns: readonly Column<R>[]
  list(client: Client, scope: Scope): Promise<R[]>
  live(scope: Scope): Live<R>
  /** What `apply` takes, with the status. */
  manifest(resource: R): object
}

export const METADATA_FIELDS = 'metadata { name namespace uid generation resourceVersion creationTimestamp }'
export const CONDITIONS_FIELDS = 'conditions { type status reason message lastTransitionTime observedGeneration }'

/** The API says null of what was not given; a manifest leaves it out. */
export const withoutNulls = (spec: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== null))

/** As Skupper's resources are named outside their manifests. */
export const resourceName = (kind: string, name: string): string => `${kind.toLowerCase()}.skupper.io/${name}`
