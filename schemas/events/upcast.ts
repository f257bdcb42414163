import { type EventType, type HarkEvent, isEventType } from './events.ts'
import type { RecordedEvent } from './recorded-event.ts'

type Upcaster = (data: unknown) => unknown

/** Starts with the upcaster from version 1 to 2. Upcasters are never removed. */
export type Upcasters = Partial<Record<EventType, readonly Upcaster[]>>

/** Version 1 had a full sentence as reason. */
const LOST = /^The router does not answer: /

const UPCASTERS: Upcasters = {
  RouterLost: [
    data => {
      const { message, ...site } = data as { readonly namespace: string; readonly message: string }
      return { ...site, reason: message.replace(LOST, '') }
    },
  ],
}

export const schemaVersion = (type: EventType, upcasters: Upcasters = UPCASTERS): number =>
  (upcasters[type]?.length ?? 0) + 1

/** Returns undefined for event types of newer Hark versions. */
export const upcastEvent = (event: RecordedEvent, upcasters: Upcasters = UPCASTERS): HarkEvent | undefined => {
  if (!isEventType(event.type)) return undefined
  const steps = upcasters[event.type]?.slice(event.metadata.schemaVersion - 1) ?? []
  if (steps.length === 0) return event as HarkEvent
  return { ...event, data: steps.reduce((data, step) => step(data), event.data) } as HarkEvent
}
