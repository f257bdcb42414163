import type { Position, RecordedEvent } from '../../schemas/events/recorded-event.ts'
import type { Metadata } from '../../schemas/resources/metadata.ts'

export interface ObjectMeta extends Metadata {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly generation: number
  readonly creationTimestamp: string
  /** The event that last changed spec, labels, annotations or status. */
  readonly resourceVersion: Position
  /** The last event of the resource's own stream. */
  readonly revision: number
}

export const initialMeta = (
  event: RecordedEvent<string, Pick<ObjectMeta, 'namespace' | 'name' | 'uid'>>,
): ObjectMeta => ({
  namespace: event.data.namespace,
  name: event.data.name,
  uid: event.data.uid,
  generation: 1,
  creationTimestamp: event.time,
  resourceVersion: event.position,
  revision: event.revision,
})
