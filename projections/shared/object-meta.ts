import type { HarkEvent } from '../../schemas/events/events.ts'
import type { Position } from '../../schemas/events/recorded-event.ts'

/** What every resource's row has of Kubernetes' metadata. */
export interface ObjectMeta {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly generation: number
  readonly creationTimestamp: string
  /** The position of the event that last changed spec or status. */
  readonly resourceVersion: Position
  /** Of the last event in the resource's own stream. */
  readonly revision: number
}

/** The metadata of a resource that has just been created. */
export const initialMeta = (event: HarkEvent<'ListenerCreated' | 'ConnectorCreated' | 'SiteCreated'>): ObjectMeta => ({
  namespace: event.data.namespace,
  name: event.data.name,
  uid: event.data.uid,
  generation: 1,
  creationTimestamp: event.time,
  resourceVersion: event.position,
  revision: event.revision,
})
