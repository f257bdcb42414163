import { BEGINNING, type Position } from '../../../schemas/events/recorded-event.ts'
import { READ_MODEL_PREFIXES } from '../../../schemas/events/streams.ts'
import type { EventStore } from '../../event-store/event-store.ts'

/** Of the last event of Hark's that the store has. */
export const newestPosition = async (store: EventStore): Promise<Position> => {
  for await (const { position } of store.readAll({ direction: 'backward', limit: 1, prefixes: READ_MODEL_PREFIXES }))
    return position
  return BEGINNING
}
