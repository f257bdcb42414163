import type { HarkEvent, RouterEvent } from '../../schemas/events/events.ts'
import type { RecordedEvent } from '../../schemas/events/recorded-event.ts'
import { listenerStream } from '../../schemas/events/streams.ts'
import type { LiveReadModels } from '../engine/engine.ts'
import { type EventStore, StoreCorrupted } from '../event-store/event-store.ts'
import { createLru } from '../lib/lru.ts'

/** More listeners than these are not remembered: their events are read again. */
const MOST_REMEMBERED = 10_000

/** An event that brought another about. */
export interface Cause {
  readonly id: string
  /** Of the request that it answers to. */
  readonly correlationId: string
}

interface Generation extends Cause {
  readonly generation: number
}

/** The generation of a listener that an event begins; undefined where it begins none. */
const startsGeneration = ({ type, data }: Pick<HarkEvent, 'type' | 'data'>): number | undefined => {
  if (type === 'ListenerCreated') return 1
  const isChange = type === 'RoutingKeyUpdated' || type === 'HostUpdated' || type === 'PortUpdated'
  return isChange ? (data as HarkEvent<'PortUpdated'>['data']).generation : undefined
}

/** What routers say of a listener answers to what was asked of it. A drift is the doing of somebody else. */
const ANSWERS: ReadonlySet<RouterEvent['type']> = new Set([
  'ListenerAccepted',
  'ListenerRefused',
  'ListenerOpened',
  'ListenerFailedToOpen',
])

const causeOf = ({ id, metadata }: Pick<RecordedEvent, 'id' | 'metadata'>): Cause => ({
  id,
  correlationId: metadata.correlationId,
})

/** Finds the event that a router's word answers to: the last one of the generation that it speaks of. */
export class CausationTracker {
  readonly #store: EventStore
  /** The newest generation of each listener, by uid; those that changed last are last. */
  readonly #newest = createLru<string, Generation>(MOST_REMEMBERED)

  constructor(store: EventStore, readModels: Pick<LiveReadModels, 'onProjected'>) {
    this.#store = store
    readModels.onProjected(
      ({ event }) => {
        const generation = startsGeneration(event)
        if (generation !== undefined)
          this.#remember((event as HarkEvent<'ListenerCreated'>).data.uid, event, generation)
      },
      // What it missed would be taken for the newest: all is read from the log again.
      () => this.#newest.clear(),
    )
  }

  #remember(uid: string, event: HarkEvent, generation: number): void {
    this.#newest.set(uid, { ...causeOf(event), generation })
  }

  /**
   * Undefined where no event caused it.
   *
   * @throws StoreUnavailable where the store is to be asked, and does not answer
   */
  async of(event: RouterEvent): Promise<Cause | undefined> {
    if (!ANSWERS.has(event.type)) return undefined
    const { namespace, name, uid, generation } = event.data as HarkEvent<'ListenerAccepted'>['data']
    const newest = this.#newest.get(uid)
    if (newest?.generation === generation) return newest
    try {
      for await (const there of this.#store.readStream(listenerStream(namespace, name), { direction: 'backward' })) {
        const { type, data } = there as HarkEvent
        if ((data as { uid?: string }).uid === uid && startsGeneration({ type, data } as HarkEvent) === generation)
          return causeOf(there)
      }
    } catch (error) {
      // What is damaged is told of by whoever comes to need it.
      if (!(error instanceof StoreCorrupted)) throw error
    }
    return undefined
  }
}
