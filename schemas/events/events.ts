import { z } from 'zod'
import type { Kind } from '../resources/kinds.ts'
import { RESOURCES, resourceEvents } from '../resources/registry.ts'
import { auditEvents } from './audit.ts'
import type { EventDefinition } from './definition.ts'
import type { RecordedEvent } from './recorded-event.ts'
import { leaseEvents, routerEvents } from './router.ts'

const hostAndPort = z.strictObject({ host: z.string(), port: z.int() })

const endpointEvents = {
  /** `claim` is the intended append, so that any engine can complete it. */
  EndpointReserved: {
    category: 'endpoint',
    isBookkeeping: true,
    data: z.strictObject({
      namespace: z.string(),
      host: z.string(),
      port: z.int(),
      /** Set for a listener that temporarily makes way for another. */
      detour: z.strictObject({ from: hostAndPort, to: hostAndPort }).optional(),
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
  },
} as const satisfies Record<string, EventDefinition>

export const EVENTS = {
  ...resourceEvents,
  ...endpointEvents,
  ...routerEvents,
  ...leaseEvents,
  ...auditEvents,
} as const satisfies Readonly<Record<string, EventDefinition>>

export type EventType = keyof typeof EVENTS
export type EventData<Type extends EventType> = (typeof EVENTS)[Type]['data']['_output']

type EventCategory = (typeof EVENTS)[EventType]['category']

export type EventTypeOf<Category extends EventCategory> = {
  readonly [Type in EventType]: (typeof EVENTS)[Type]['category'] extends Category ? Type : never
}[EventType]

export type AuditedEventType = {
  readonly [Type in EventType]: (typeof EVENTS)[Type] extends { readonly isBookkeeping: true } ? never : Type
}[EventType]

export const definitionOf = (type: EventType): EventDefinition => EVENTS[type]

type EventGuard<Event extends HarkEvent> = (event: HarkEvent) => event is Event

export const eventTypesAbout = (kind: Kind): readonly EventType[] => {
  const { events, reports } = RESOURCES[kind]
  return Object.keys({ ...events, ...reports }) as EventType[]
}

export const eventTypesIn = (...categories: readonly EventCategory[]): readonly EventType[] =>
  (Object.keys(EVENTS) as EventType[]).filter(type => categories.includes(EVENTS[type].category))

export const inCategories = <Category extends EventCategory>(...categories: readonly Category[]) => {
  const wanted: ReadonlySet<EventType> = new Set(eventTypesIn(...categories))
  return (event: HarkEvent): event is HarkEvent<EventTypeOf<Category>> => wanted.has(event.type)
}

export type GuardedBy<Guard extends (event: HarkEvent) => boolean> =
  Guard extends EventGuard<infer Event> ? Event : never

/** A listener that makes way for another takes a detour, for instance when several exchange ports. */
export type Detour = NonNullable<EventData<'EndpointReserved'>['detour']>

/** An event of a decider, before recording. */
export type DomainEvent<Type extends EventType = EventType> = {
  readonly [T in Type]: { readonly type: T; readonly data: EventData<T> }
}[Type]

/** An event for projections, with data in the newest version. */
export type HarkEvent<Type extends EventType = EventType> = {
  readonly [T in Type]: RecordedEvent<T, EventData<T>>
}[Type]

export type ListenerEvent = DomainEvent<EventTypeOf<'listener'>>
export type ConnectorEvent = DomainEvent<EventTypeOf<'connector'>>
export type SiteEvent = DomainEvent<EventTypeOf<'site'>>
export type RouterEvent = DomainEvent<keyof typeof routerEvents>
export type LeaseEventType = EventTypeOf<'lease'>
export type LeaseEvent = DomainEvent<LeaseEventType>

export const isEventType = (type: unknown): type is EventType => typeof type === 'string' && Object.hasOwn(EVENTS, type)
