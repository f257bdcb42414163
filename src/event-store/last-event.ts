import { BEGINNING, type Position, type RecordedEvent } from '../../schemas/events/recorded-event.ts'
import { first } from '../lib/first.ts'
import { type EventStore, StoreCorrupted } from './event-store.ts'

export const lastEventOf = (store: EventStore, stream: string): Promise<RecordedEvent | undefined> =>
  first(store.readStream(stream, { direction: 'backward', limit: 1 }))

export const lastPosition = async (store: EventStore, prefixes?: readonly string[]): Promise<Position> => {
  const last = await first(store.readAll({ direction: 'backward', limit: 1, ...(prefixes && { prefixes }) }))
  return last?.position ?? BEGINNING
}

export const lastPositionOrDamage = async (store: EventStore, prefixes?: readonly string[]): Promise<Position> => {
  try {
    return await lastPosition(store, prefixes)
  } catch (error) {
    if (error instanceof StoreCorrupted && error.location.position !== undefined) return error.location.position
    throw error
  }
}
