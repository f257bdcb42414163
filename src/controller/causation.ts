import { definitionOf, type EventData, isEventType, type RouterEvent } from '../../schemas/events/events.ts'
import type { RecordedEvent } from '../../schemas/events/recorded-event.ts'
import { listenerStream } from '../../schemas/events/streams.ts'
import type { LiveReadModels } from '../engine/engine.ts'
import { type EventStore, StoreCorrupted } from '../event-store/event-store.ts'
import { createLru } from '../lib/lru.ts'

const MOST_REMEMBERED = 10_000

export interface Cause {
  readonly id: string
  readonly correlationId: string
  readonly traceparent?: string | undefined
}

interface Generation extends Cause {
  readonly generation: number
}

interface ListenerData {
  readonly uid: string
  readonly generation?: number
}

const startedGeneration = ({ type, data }: Pick<RecordedEvent, 'type' | 'data'>): number | undefined => {
  if (!isEventType(type)) return undefined
  const { category, startsGeneration } = definitionOf(type)
  return category === 'listener' && startsGeneration ? ((data as ListenerData).generation ?? 1) : undefined
}

const causeOf = ({ id, metadata }: Pick<RecordedEvent, 'id' | 'metadata'>): Cause => ({
  id,
  correlationId: metadata.correlationId,
  ...(metadata.traceparent && { traceparent: metadata.traceparent }),
})

export class CausationTracker {
  readonly #store: EventStore
  readonly #newest = createLru<string, Generation>(MOST_REMEMBERED)

  constructor(store: EventStore, readModels: Pick<LiveReadModels, 'onProjected'>) {
    this.#store = store
    readModels.onProjected(
      ({ event }) => {
        const generation = startedGeneration(event)
        if (generation !== undefined)
          this.#newest.set((event.data as ListenerData).uid, { ...causeOf(event), generation })
      },
      // After a missed event, the cache may be obsolete.
      () => this.#newest.clear(),
    )
  }

  async of(event: RouterEvent): Promise<Cause | undefined> {
    if (!definitionOf(event.type).reportsGeneration) return undefined
    const { namespace, name, uid, generation } = event.data as EventData<'ListenerAccepted'>
    const newest = this.#newest.get(uid)
    if (newest?.generation === generation) return newest
    try {
      for await (const there of this.#store.readStream(listenerStream(namespace, name), { direction: 'backward' })) {
        if ((there.data as ListenerData).uid === uid && startedGeneration(there) === generation) return causeOf(there)
      }
    } catch (error) {
      // Whatever needs the event itself reports corruption.
      if (!(error instanceof StoreCorrupted)) throw error
    }
    return undefined
  }
}
