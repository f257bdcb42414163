import { EVENTS, type HarkEvent, isEventType } from '../../../schemas/events/events.ts'
import type { RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { schemaVersion, upcastEvent } from '../../../schemas/events/upcast.ts'
import { type EventLocation, StoreCorrupted } from '../../event-store/event-store.ts'
import { createLru } from '../../lib/lru.ts'

/** More than a commit has. */
const MOST_MADE = 2048

/** Data of events that this process made, until they are decoded. What a store has read is another object. */
const made = createLru<object, true>(MOST_MADE)

/** Spares the check of data whose type the compiler has checked. */
export const markAsMade = (data: object): void => made.set(data, true)

const wasMade = (data: object): boolean => {
  const is = made.get(data) === true
  if (is) made.delete(data)
  return is
}

export const placeOf = ({ position, stream, revision }: RecordedEvent): EventLocation => ({
  position,
  stream,
  revision,
})

const isVersion = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 1

let lastValidTime: string | undefined

/** Events of one commit have the same time. */
const isTime = (time: unknown): boolean => {
  if (typeof time !== 'string') return false
  if (time === lastValidTime) return true
  if (Number.isNaN(Date.parse(time))) return false
  lastValidTime = time
  return true
}

const isTextOrNone = (value: unknown): boolean => value === undefined || typeof value === 'string'

/**
 * Returns undefined for an unknown type.
 *
 * @throws StoreCorrupted if the event is invalid or its schema version is newer
 */
export const decodeEvent = (recorded: RecordedEvent): HarkEvent | undefined => {
  const { type, time, metadata } = recorded
  if (!isEventType(type)) return undefined
  const damaged = (fault: string, cause?: unknown) => new StoreCorrupted(placeOf(recorded), fault, { cause })
  if (!isVersion(metadata.schemaVersion)) throw damaged('its metadata has no valid schemaVersion')
  if (!isTextOrNone(metadata.commandId)) throw damaged('the commandId in its metadata is not a string')
  if (!isTime(time)) throw damaged('its time is invalid')
  if (metadata.schemaVersion > schemaVersion(type))
    throw damaged(`version ${metadata.schemaVersion} of ${type} is newer than this version of Hark supports`)
  let event: HarkEvent
  try {
    event = upcastEvent(recorded) as HarkEvent
  } catch (error) {
    throw damaged(`version ${metadata.schemaVersion} of ${type} cannot be upcast`, error)
  }
  if (wasMade(event.data)) return event
  const { success, error } = EVENTS[type].data.safeParse(event.data)
  if (success) return event
  const path = error.issues[0]?.path.map(String).join('.')
  throw damaged(`its data does not match the schema of ${type}${path ? `: see ${path}` : ''}`)
}
