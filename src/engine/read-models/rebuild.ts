import type { Position, RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { READ_MODEL_PREFIXES } from '../../../schemas/events/streams.ts'
import type { EventStore } from '../../event-store/event-store.ts'
import type { decodeEvent } from './decode-event.ts'
import type { Pacer } from './pacer.ts'
import { projectEvent } from './project-event.ts'
import type { ReadModel } from './read-model.ts'

/** Events between two looks at the clock. */
const EVENTS_A_LOOK = 50

interface RebuildOptions {
  readonly decode: typeof decodeEvent
  readonly head: () => Position
  readonly onBatch: () => void
  readonly pacer: Pacer
  readonly signal: AbortSignal
}

export const rebuild = async (
  store: EventStore,
  model: ReadModel,
  { decode, head, onBatch, pacer, signal }: RebuildOptions,
): Promise<void> => {
  const done = new AbortController()
  const events = store.subscribe({
    after: model.position,
    prefixes: READ_MODEL_PREFIXES,
    signal: AbortSignal.any([signal, done.signal]),
  })
  for await (const batch of events) {
    let next = 0
    await pacer.run(() => {
      for (const end = Math.min(next + EVENTS_A_LOOK, batch.events.length); next < end; next++) {
        const recorded = batch.events[next] as RecordedEvent
        const event = decode(recorded)
        if (event !== undefined) projectEvent(model, event, recorded)
      }
      return next < batch.events.length && !signal.aborted
    })
    if (signal.aborted) return
    onBatch()
    if (batch.live || batch.position >= head()) done.abort()
  }
}
