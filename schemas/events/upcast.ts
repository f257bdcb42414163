import { type EventType, type HarkEvent, isEventType } from './events.ts'
import type { RecordedEvent } from './recorded-event.ts'

/** Turns the data of an event of one schema version into that of the next. */
export type Upcaster = (data: unknown) => unknown

/** By event type, the steps from version 1 on: the first leads from 1 to 2. Steps are added and never taken away. */
export type Upcasters = Partial<Record<EventType, readonly Upcaster[]>>

/** How version 1 told people of it: a program that wanted the reason had to take the sentence apart. */
const LOST = /^The router does not answer: /

const UPCASTERS: Upcasters = {
  RouterLost: [
    data => {
      const { message, ...site } = data as { readonly namespace: string; readonly message: string }
      return { ...site, reason: message.replace(LOST, '') }
    },
  ],
}

/** The version in which events of a type are written now. */
export const schemaVersion = (type: EventType, upcasters: Upcasters = UPCASTERS): number =>
  (upcasters[type]?.length ?? 0) + 1

/**
 * An event as this Hark understands it: its data brought forward to the newest version. Undefined for a type that a newer
 * Hark may have written and this one does not know.
 */
export const upcastEvent = (event: RecordedEvent, upcasters: Upcasters = UPCASTERS): HarkEvent | undefined => {
  if (!isEventType(event.type)) return undefined
  const steps = upcasters[event.type]?.slice(event.metadata.schemaVersion - 1) ?? []
  if (steps.length === 0) return event as HarkEvent
  return { ...event, data: steps.reduce((data, step) => step(data), event.data) } as HarkEvent
}
