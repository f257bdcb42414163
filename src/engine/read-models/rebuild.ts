import type { Position } from '../../../schemas/events/recorded-event.ts'
import { READ_MODEL_PREFIXES } from '../../../schemas/events/streams.ts'
import type { EventStore } from '../../event-store/event-store.ts'
import type { decodeEvent } from './decode-event.ts'
import { projectEvent } from './project-event.ts'
import type { ReadModel } from './read-model.ts'

interface RebuildOptions {
  readonly decode: typeof decodeEvent
  readonly head: () => Position
  readonly onBatch: () => void
  readonly signal: AbortSignal
}

export const rebuild = async (
  store: EventStore,
  model: ReadModel,
  { decode, head, onBatch, signal }: RebuildOptions,
): Promise<void> => {
  const done = new AbortController()
  const events = store.subscribe({
    after: model.position,
    prefixes: READ_MODEL_PREFIXES,
    signal: AbortSignal.any([signal, done.signal]),
  })
  for await (const batch of events) {
    for (const recorded of batch.events) {
      const event = decode(recorded)
      if (event !== undefined) projectEvent(model, event, recorded)
    }
    onBatch()
    if (batch.live || batch.position >= head()) done.abort()
  }
}
