import { type Conditions, conditionsOf, resourceStatus } from '../../../../projections/shared/conditions.ts'
import type { ObjectMeta } from '../../../../projections/shared/object-meta.ts'
import { formatPosition } from '../../../../schemas/events/recorded-event.ts'
import type { Kind } from '../../../../schemas/resources/kinds.ts'
import { API_VERSION } from '../../../../schemas/resources/manifest.ts'

/** What all resources have alike: they are rows, whose parts GraphQL has as objects of their own. */
export const resourceFields = (kind: Kind) => ({
  apiVersion: () => API_VERSION,
  kind: () => kind,
  metadata: (row: object) => row,
})

export const statusFields = {
  status: ({ conditions }: { conditions: Conditions }) => resourceStatus(conditions),
  message: ({ conditions }: { conditions: Conditions }) => conditions.Ready.message,
  conditions: ({ conditions }: { conditions: Conditions }) => conditionsOf(conditions),
}

export const metadataResolvers = () => ({
  ObjectMeta: { resourceVersion: (row: ObjectMeta) => formatPosition(row.resourceVersion) },
})
