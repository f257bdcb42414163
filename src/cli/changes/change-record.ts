import type { Client } from '../client/client.ts'
import { type Connection, pages } from '../client/pagination.ts'
import type { EventRecord } from '../events/event-record.ts'
import type { Moment } from '../moment.ts'
import type { Listener } from '../resources/listeners.ts'

export interface Entity {
  readonly type: string
  readonly name: string
  readonly attributes: Readonly<Record<string, unknown>>
}

export interface ChangedEntity {
  readonly type: string
  readonly name: string
  readonly before: Readonly<Record<string, unknown>>
  readonly after: Readonly<Record<string, unknown>>
}

export interface EntityDifferences {
  readonly added: readonly Entity[]
  readonly removed: readonly Entity[]
  readonly changed: readonly ChangedEntity[]
}

/** What is shown of a listener where it is compared with itself. */
export type ComparedListener = Pick<Listener, 'metadata' | 'spec' | 'status'>

export interface ListenerDifference {
  readonly name: string
  readonly before: ComparedListener | null
  readonly after: ComparedListener | null
}

/** What one event changed. */
export interface ChangeRecord extends EntityDifferences {
  readonly event: EventRecord
  readonly listeners: readonly ListenerDifference[]
}

export interface ChangeScope {
  readonly namespace: string
  readonly listener?: string | undefined
  readonly from?: Moment | undefined
  readonly to?: Moment | undefined
}

export const COMPARED_FIELDS = `metadata { name namespace uid generation resourceVersion creationTimestamp }
  spec { routingKey host port exposePodsByName tlsCredentials settings type }
  status { status message hasMatchingConnector conditions { type status reason message } }`

export const ENTITY_DIFFERENCES =
  'added { type name attributes } removed { type name attributes } changed { type name before after }'

const CHANGES = `query Changes(
  $namespace: String!, $listener: String, $from: Moment, $to: Moment, $first: Int, $after: Position
) {
  changes(namespace: $namespace, listener: $listener, from: $from, to: $to, first: $first, after: $after) {
    edges {
      node {
        event { position stream revision id type time data actor correlationId causationId }
        listeners { name before { ${COMPARED_FIELDS} } after { ${COMPARED_FIELDS} } }
        ${ENTITY_DIFFERENCES}
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}`

const FIRST_PAGE = 20
const PAGE = 500

/** What each event changed, oldest first, a page at a time. */
export const changePages = (client: Client, scope: ChangeScope): AsyncGenerator<ChangeRecord[]> =>
  pages(async after => {
    // Whoever looks for the first few has them at once.
    const variables = { ...scope, first: after === null ? FIRST_PAGE : PAGE, after }
    return (await client.request<{ changes: Connection<ChangeRecord> }>({ query: CHANGES, variables })).changes
  })

const STATES = `query States(
  $namespace: String!, $listener: String, $from: Moment, $to: Moment, $first: Int, $after: Position
) {
  changes(namespace: $namespace, listener: $listener, from: $from, to: $to, first: $first, after: $after) {
    edges { cursor node { listeners { name after { ${COMPARED_FIELDS} } } } }
    pageInfo { hasNextPage endCursor }
  }
}`

/** What listeners were after an event. */
export interface StateEdge {
  /** The position of the event. */
  readonly cursor: string
  readonly node: { readonly listeners: readonly Pick<ListenerDifference, 'name' | 'after'>[] }
}

/** The same, without the events: those are read from the store one by one. */
export async function* statePages(client: Client, scope: ChangeScope): AsyncGenerator<readonly StateEdge[]> {
  let page: States | undefined
  do {
    const variables = { ...scope, first: PAGE, after: page?.pageInfo.endCursor ?? null }
    page = (await client.request<{ changes: States }>({ query: STATES, variables })).changes
    yield page.edges
  } while (page.pageInfo.hasNextPage)
}

interface States {
  readonly edges: readonly StateEdge[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
}
