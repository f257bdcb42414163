import type { HarkEvent } from '../../../schemas/events/events.ts'
import type { RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { StoreCorrupted } from '../../event-store/event-store.ts'
import type { Logger } from '../../lib/logger.ts'
import { decodeEvent, placeOf } from './decode-event.ts'
import type { ReadModel } from './read-model.ts'

/** Logs each unknown event type once. */
export const createDecoder = (logger: Logger): typeof decodeEvent => {
  const unknownTypes = new Set<string>()
  return recorded => {
    const event = decodeEvent(recorded)
    if (event === undefined && !unknownTypes.has(recorded.type)) {
      unknownTypes.add(recorded.type)
      logger.warn(
        { type: recorded.type },
        'skipping events of an unknown type: a newer version of Hark may have written them',
      )
    }
    return event
  }
}

export const projectEvent = (
  model: ReadModel,
  event: HarkEvent,
  recorded: RecordedEvent,
): ReturnType<ReadModel['project']> => {
  try {
    return model.project(event)
  } catch (cause) {
    const fault = `the read model ${model.projection.name} cannot process this ${event.type}`
    throw new StoreCorrupted(placeOf(recorded), fault, { cause })
  }
}
