import { BEGINNING, type Position, type RecordedEvent } from '../../schemas/events/recorded-event.ts'
import { first } from '../lib/first.ts'
import { type EventStore, StoreCorrupted } from './event-store.ts'

/** Returns the last event of a stream; undefined if there is none. */
export const lastEventOf = (store: EventStore, stream: string): Promise<RecordedEvent | undefined> =>
  first(store.readStream(stream, { direction: 'backward', limit: 1 }))

/** Returns the position of the last event of all streams whose name begins with one of the prefixes; BEGINNING if there is none. */
export const lastPosition = async (store: EventStore, prefixes?: readonly string[]): Promise<Position> => {
  const last = await first(store.readAll({ direction: 'backward', limit: 1, ...(prefixes && { prefixes }) }))
  return last?.position ?? BEGINNING
}

/** As `lastPosition`; of a log whose end is damaged, the position of the damage. */
export const lastPositionOrDamage = async (store: EventStore, prefixes?: readonly string[]): Promise<Position> => {
  try {
    return await lastPosition(store, prefixes)
  } catch (error) {
    if (error instanceof StoreCorrupted && error.location.position !== undefined) return error.location.position
    throw error
  }
}
