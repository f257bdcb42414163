import type { GraphQLResolveInfo } from 'graphql'
import type { ObjectMeta } from '../../../../projections/shared/object-meta.ts'
import { HarkError } from '../../../../schemas/errors.ts'
import type { Position } from '../../../../schemas/events/recorded-event.ts'
import { formatPosition } from '../../../../schemas/events/recorded-event.ts'
import { API_VERSION, type Kind } from '../../../../schemas/resources/kinds.ts'
import { namespacesWith, type Principal } from '../../../auth/roles.ts'
import type { CommandAnswer } from '../../../engine/commands/types.ts'
import type { Engine } from '../../../engine/engine.ts'
import type { Page } from '../../../engine/queries/types.ts'
import type { KeptHistory } from '../../../engine/read-models/persistence/kept-history.ts'
import type { SigningStatus } from '../../../integrity/checkpoints/checkpointer.ts'
import type { LastCheckpoint } from '../../../integrity/checkpoints/last-checkpoint.ts'
import type { Metrics } from '../../http/metrics.ts'
import { type ResourceId, toGlobalId } from '../global-id.ts'
import type { OpenSubscriptions } from '../subscription-registry.ts'

export type CredentialsWarning = (namespace: string, bundle: string, spec: object) => string | undefined

export interface ResolverServices {
  readonly engine: Engine
  readonly metrics: Pick<Metrics, 'observe'>
  readonly subscriptions: OpenSubscriptions
  readonly credentialsWarning?: CredentialsWarning
  readonly requiresToken: () => boolean
  readonly signing: () => SigningStatus
  readonly lastCheckpoint: () => Promise<LastCheckpoint | undefined>
}

type Identified = Omit<ResourceId, 'kind' | 'asOf'> & { readonly asOf?: Position }

export const resourceFields = (kind: Kind) => ({
  /** Messages of subscriptions lead to the current state. */
  id: ({ namespace, name, asOf }: Identified, _: unknown, __: unknown, { operation }: GraphQLResolveInfo) =>
    toGlobalId({ kind, namespace, name, asOf: operation.operation === 'subscription' ? undefined : asOf }),
  apiVersion: () => API_VERSION,
  kind: () => kind,
  metadata: (row: object) => row,
})

/** What a result states if it begins where the history does. */
export const keptFields = (kept: KeptHistory | undefined) =>
  kept && { keptFrom: new Date(kept.time).toISOString(), keptPosition: kept.position }

export const readableNamespaces = (
  principal: Principal,
  namespace: string | undefined,
): readonly string[] | undefined => {
  if (namespace !== undefined) return [namespace]
  const namespaces = namespacesWith(principal, 'read')
  return namespaces === 'all' ? undefined : namespaces
}

export type Lazy = boolean | (() => Promise<boolean>)

export type RowPage = Pick<Page<unknown>, 'rows' | 'hasNextPage'> & { readonly hasPreviousPage: Lazy }

export const cursorPageInfo = (
  items: readonly { readonly cursor: string }[],
  hasNextPage: boolean,
  hasPreviousPage: Lazy,
) => ({ hasNextPage, endCursor: items.at(-1)?.cursor, hasPreviousPage, startCursor: items[0]?.cursor })

export const pageFields = {
  edges: (page: RowPage) => page.rows,
  pageInfo: ({ rows, hasNextPage, hasPreviousPage }: RowPage) => cursorPageInfo(rows, hasNextPage, hasPreviousPage),
}

export const afterCommand = <Row>({ row }: CommandAnswer<Row>): Row => {
  if (row === undefined) throw new HarkError('NOT_FOUND', 'the resource was deleted right after the command')
  return row
}

export const edgeFields = { node: ({ row }: { row: unknown }) => row }

interface Positioned {
  readonly position: Position
}

/** @param cursor `after` or `before`; without it, the page begins with the first item or ends with the last */
export const isBeyond = <Item>(
  cursor: unknown,
  outermost: () => Promise<Item | undefined>,
  isInPage: (item: Item) => boolean,
): Lazy => {
  if (cursor === undefined) return false
  return async () => {
    const item = await outermost()
    return item !== undefined && !isInPage(item)
  }
}

export const isAt =
  (item: Positioned | undefined) =>
  ({ position }: Positioned): boolean =>
    position === item?.position

export const positionPageInfo = (items: readonly Positioned[], hasNextPage: Lazy, hasPreviousPage: Lazy) => {
  const [first, last] = [items[0], items.at(-1)]
  return {
    hasNextPage,
    endCursor: last && formatPosition(last.position),
    hasPreviousPage,
    startCursor: first && formatPosition(first.position),
  }
}

export const positionEdgeFields = {
  cursor: ({ position }: Positioned) => position,
  node: (item: object) => item,
}

export const metadataResolvers = () => ({
  ObjectMeta: {
    resourceVersion: (row: ObjectMeta) => formatPosition(row.resourceVersion),
    labels: ({ labels = {} }: ObjectMeta) => labels,
    annotations: ({ annotations = {} }: ObjectMeta) => annotations,
  },
})
