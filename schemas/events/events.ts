import { z } from 'zod'
import { connectorSpec } from '../resources/connector.ts'
import { listenerSpec } from '../resources/listener.ts'
import { siteSpec } from '../resources/site.ts'
import { auditEventData } from './audit.ts'
import { leaseEventData } from './lease.ts'
import type { RecordedEvent } from './recorded-event.ts'
import { routerEventData } from './router.ts'

const resource = { namespace: z.string(), name: z.string(), uid: z.string() }
/** The resource's generation from this event on. Events of one command share it: one request is one change of spec. */
const generation = z.int().min(1)

const place = z.strictObject({ host: z.string(), port: z.int() })

/**
 * What the data of each type of event is, in its newest version; of older ones see upcast.ts. They are facts in the past tense; what they say is never taken
 * back, only followed by another.
 */
export const eventData = {
  ListenerCreated: z.strictObject({ ...resource, spec: listenerSpec }),
  RoutingKeyUpdated: z.strictObject({ ...resource, generation, routingKey: z.string(), previous: z.string() }),
  HostUpdated: z.strictObject({ ...resource, generation, host: z.string(), previous: z.string() }),
  PortUpdated: z.strictObject({ ...resource, generation, port: z.int(), previous: z.int() }),
  ListenerDeleted: z.strictObject(resource),

  ConnectorCreated: z.strictObject({ ...resource, spec: connectorSpec }),
  ConnectorUpdated: z.strictObject({ ...resource, generation, spec: connectorSpec, previous: connectorSpec }),
  ConnectorDeleted: z.strictObject(resource),

  SiteCreated: z.strictObject({ ...resource, spec: siteSpec }),
  SiteUpdated: z.strictObject({ ...resource, generation, spec: siteSpec, previous: siteSpec }),

  /**
   * A host and port of a namespace are claimed for a listener. The claim carries the very append that it was made for, so
   * that whoever finds it can finish what its maker began: see src/engine/endpoints.ts.
   */
  EndpointReserved: z.strictObject({
    namespace: z.string(),
    host: z.string(),
    port: z.int(),
    /** Where a listener makes way for another for a moment: where it comes from and where it goes. */
    detour: z.strictObject({ from: place, to: place }).optional(),
    claim: z.strictObject({
      stream: z.string(),
      expectedRevision: z.int().min(-1),
      events: z.array(
        z.strictObject({
          id: z.uuid(),
          type: z.string(),
          data: z.record(z.string(), z.unknown()),
          metadata: z.record(z.string(), z.unknown()),
        }),
      ),
    }),
  }),

  ...routerEventData,
  ...leaseEventData,
  ...auditEventData,
} as const

export type EventType = keyof typeof eventData
export type EventData<Type extends EventType> = z.infer<(typeof eventData)[Type]>

/** The way of a listener that makes way for another: one of several that change places begins with that. */
export type Detour = NonNullable<EventData<'EndpointReserved'>['detour']>

/** An event as a decider gives it: what happened, without where and when it was recorded. */
export type DomainEvent<Type extends EventType = EventType> = {
  readonly [T in Type]: { readonly type: T; readonly data: EventData<T> }
}[Type]

/** An event as projections read it: known type, data in its newest version. */
export type HarkEvent<Type extends EventType = EventType> = {
  readonly [T in Type]: RecordedEvent<T, EventData<T>>
}[Type]

export type ListenerEventType =
  | 'ListenerCreated'
  | 'RoutingKeyUpdated'
  | 'HostUpdated'
  | 'PortUpdated'
  | 'ListenerDeleted'
export type ConnectorEventType = 'ConnectorCreated' | 'ConnectorUpdated' | 'ConnectorDeleted'
export type SiteEventType = 'SiteCreated' | 'SiteUpdated'

export type ListenerEvent = DomainEvent<ListenerEventType>
export type ConnectorEvent = DomainEvent<ConnectorEventType>
export type SiteEvent = DomainEvent<SiteEventType>
export type RouterEventType = keyof typeof routerEventData
export type RouterEvent = DomainEvent<RouterEventType>
export type LeaseEventType = keyof typeof leaseEventData
export type LeaseEvent = DomainEvent<LeaseEventType>
export type AuditEventType = keyof typeof auditEventData
export type EndpointReserved = DomainEvent<'EndpointReserved'>

/** Whatever stands in a store where a type should. */
export const isEventType = (type: unknown): type is EventType =>
  typeof type === 'string' && Object.hasOwn(eventData, type)
