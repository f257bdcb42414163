import type { RecordedEvent } from '../../schemas/events/recorded-event.ts'
import { appendOneByOne } from '../../src/event-store/append-groups.ts'
import {
  type AppendResult,
  type Batch,
  type EventMark,
  type EventStore,
  type EventToAppend,
  type ReadAllOptions,
  type ReadStreamOptions,
  type StoreCorrupted,
  StoreUnavailable,
  type StreamAppend,
  type SubscribeOptions,
} from '../../src/event-store/event-store.ts'

/** A store whose calls can be made to fail or wait. */
export class FaultyStore implements EventStore {
  readonly #store: EventStore
  get isShared(): boolean {
    return this.#store.isShared
  }
  get readOnlyReason(): string | undefined {
    return this.#store.readOnlyReason
  }

  /** While true every call rejects with StoreUnavailable. */
  isDown = false
  /** Called before each append, which waits for it, and fails if it throws. */
  beforeAppend: (stream: string) => void | Promise<void> = () => {}
  /** Called after each append; if it throws, the response is lost. */
  afterAppend: (stream: string) => void = () => {}
  /** Called before each batch, which waits for it. */
  beforeDelivery: (options: SubscribeOptions) => Promise<void> | undefined = () => undefined
  /** Delivers batches of at most so many events; only the last part of what the store delivers is live. */
  mostDelivered = Number.POSITIVE_INFINITY

  constructor(store: EventStore) {
    this.#store = store
  }

  async append(stream: string, expectedRevision: number, events: readonly EventToAppend[]): Promise<AppendResult> {
    this.#answer()
    await this.beforeAppend(stream)
    const result = await this.#store.append(stream, expectedRevision, events)
    this.afterAppend(stream)
    return result
  }

  appendInOrder(appends: AsyncIterable<StreamAppend>): Promise<void> {
    return appendOneByOne(this, appends)
  }

  async *readStream(stream: string, options?: ReadStreamOptions): AsyncIterable<RecordedEvent> {
    this.#answer()
    yield* this.#store.readStream(stream, options)
  }

  async *readAll(options?: ReadAllOptions): AsyncIterable<RecordedEvent> {
    this.#answer()
    yield* this.#store.readAll(options)
  }

  async *subscribe(options: SubscribeOptions): AsyncIterable<Batch> {
    for await (const batch of this.#store.subscribe(options)) {
      await this.beforeDelivery(options)
      yield* this.#parts(batch)
    }
  }

  *#parts(batch: Batch): Iterable<Batch> {
    let rest = batch.events
    while (rest.length > this.mostDelivered) {
      const events = rest.slice(0, this.mostDelivered)
      rest = rest.slice(events.length)
      yield { events, position: events.at(-1)?.position ?? batch.position, live: false }
    }
    yield { ...batch, events: rest }
  }

  check(): AsyncIterable<StoreCorrupted> {
    return this.#store.check()
  }

  async holds(mark: EventMark, signal: AbortSignal): Promise<boolean> {
    this.#answer()
    return this.#store.holds(mark, signal)
  }

  async ping(): Promise<void> {
    this.#answer()
    await this.#store.ping()
  }

  close(): Promise<void> {
    return this.#store.close()
  }

  #answer(): void {
    if (this.isDown) throw new StoreUnavailable('the event store does not respond')
  }
}

export const unanswered = (): never => {
  throw new StoreUnavailable('the event store does not respond')
}
