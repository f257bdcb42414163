import { BEGINNING, type Position } from '../../schemas/events/recorded-event.ts'
import { LOG_PREFIXES } from '../../schemas/events/streams.ts'
import { type EventStore, StoreCorrupted } from '../event-store/event-store.ts'

/** The position of the last event of Hark's; that of what is damaged where the end is. */
export const endOf = async (store: EventStore): Promise<Position> => {
  try {
    for await (const { position } of store.readAll({ direction: 'backward', limit: 1, prefixes: LOG_PREFIXES }))
      return position
  } catch (error) {
    if (!(error instanceof StoreCorrupted)) throw error
    return error.place.position ?? BEGINNING
  }
  return BEGINNING
}
