import type { DomainEvent } from '../../../schemas/events/events.ts'
import { BEGINNING, type Position } from '../../../schemas/events/recorded-event.ts'
import { type EventStore, NO_STREAM } from '../../event-store/event-store.ts'
import { decodeEvent } from '../read-models/decode-event.ts'

/** Folds a stream from the store itself: what holds now, whatever the read models have seen. */
export const aggregateStream = async <State>(
  store: EventStore,
  stream: string,
  decider: { readonly initial: State; evolve(state: State, event: DomainEvent): State },
): Promise<{ readonly state: State; readonly revision: number; readonly position: Position }> => {
  let read = { state: decider.initial, revision: NO_STREAM, position: BEGINNING }
  for await (const recorded of store.readStream(stream)) {
    const event = decodeEvent(recorded)
    const state = event === undefined ? read.state : decider.evolve(read.state, event as DomainEvent)
    read = { state, revision: recorded.revision, position: recorded.position }
  }
  return read
}
