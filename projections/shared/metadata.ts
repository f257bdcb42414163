import type { EventTypeOf, HarkEvent } from '../../schemas/events/events.ts'
import { type Metadata, metadataOf } from '../../schemas/resources/metadata.ts'
import type { ObjectMeta } from './object-meta.ts'

export type MetadataEvent = HarkEvent<
  EventTypeOf<'listenerMetadata' | 'connectorMetadata' | 'multiKeyListenerMetadata' | 'siteMetadata'>
>

/** The row after a change of labels or annotations, which keeps the generation. */
export const withMetadata = <Row extends ObjectMeta>(row: Row, { data, revision }: MetadataEvent): Row => {
  const { labels = row.labels, annotations = row.annotations }: Metadata = data
  const { labels: _, annotations: __, ...others } = row
  return {
    ...others,
    ...metadataOf({ ...(labels && { labels }), ...(annotations && { annotations }) }),
    revision,
  } as unknown as Row
}
