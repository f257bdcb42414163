import type { ObjectMeta } from '../../../../projections/shared/object-meta.ts'
import type { Position } from '../../../../schemas/events/recorded-event.ts'
import { formatPosition } from '../../../../schemas/events/recorded-event.ts'
import type { Kind } from '../../../../schemas/resources/kinds.ts'
import { API_VERSION } from '../../../../schemas/resources/manifest.ts'
import { namespacesWith, type Principal } from '../../../auth/roles.ts'
import type { Engine } from '../../../engine/engine.ts'
import type { Page } from '../../../engine/queries/types.ts'
import type { SigningStatus } from '../../../integrity/checkpoints/checkpointer.ts'
import type { LastCheckpoint } from '../../../integrity/checkpoints/last-checkpoint.ts'
import type { OpenSubscriptions } from '../subscription-registry.ts'

export type CredentialsWarning = (namespace: string, bundle: string, spec: object) => string | undefined

export interface ResolverServices {
  readonly engine: Engine
  readonly subscriptions: OpenSubscriptions
  readonly credentialsWarning?: CredentialsWarning
  readonly requiresToken: () => boolean
  readonly signing: () => SigningStatus
  readonly lastCheckpoint: () => Promise<LastCheckpoint | undefined>
}

export const resourceFields = (kind: Kind) => ({
  apiVersion: () => API_VERSION,
  kind: () => kind,
  metadata: (row: object) => row,
})

/** Returns undefined for all namespaces. */
export const readableNamespaces = (
  principal: Principal,
  namespace: string | undefined,
): readonly string[] | undefined => {
  if (namespace !== undefined) return [namespace]
  const namespaces = namespacesWith(principal, 'read')
  return namespaces === 'all' ? undefined : namespaces
}

export const pageFields = {
  edges: (page: Page<unknown>) => page.rows,
  pageInfo: ({ rows, hasNextPage }: Page<unknown>) => ({
    hasNextPage,
    endCursor: rows.at(-1)?.cursor,
    hasPreviousPage: false,
    startCursor: rows[0]?.cursor,
  }),
}

export const edgeFields = { node: ({ row }: { row: unknown }) => row }

export const positionPageInfo = (
  items: readonly { readonly position: Position }[],
  hasNextPage: boolean,
  hasPreviousPage = false,
) => {
  const [first, last] = [items[0], items.at(-1)]
  return {
    hasNextPage,
    endCursor: last && formatPosition(last.position),
    hasPreviousPage,
    startCursor: first && formatPosition(first.position),
  }
}

export const positionEdgeFields = {
  cursor: ({ position }: { readonly position: Position }) => position,
  node: (item: object) => item,
}

export const metadataResolvers = () => ({
  ObjectMeta: { resourceVersion: (row: ObjectMeta) => formatPosition(row.resourceVersion) },
})
