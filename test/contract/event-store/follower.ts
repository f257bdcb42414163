import assert from 'node:assert/strict'
import type { Position, RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import type { Batch, EventStore } from '../../../src/event-store/event-store.ts'

/** Follows a subscription and keeps what it delivers, for tests to wait on. */
export class Follower implements AsyncDisposable {
  readonly batches: Batch[] = []
  readonly #abort = new AbortController()
  readonly #done: Promise<void>
  #delivered = Promise.withResolvers<void>()

  /** @param handle awaited before the next batch */
  constructor(
    store: EventStore,
    prefix: string | readonly string[],
    after: Position,
    handle: (batch: Batch) => unknown = () => {},
  ) {
    this.#done = this.#follow(store, [prefix].flat(), after, handle)
    // A waiting test sees the failure; a test that has failed already must not fail twice.
    this.#done.catch(() => {})
  }

  get events(): RecordedEvent[] {
    return this.batches.flatMap(({ events }) => events)
  }

  get last(): Batch | undefined {
    return this.batches.at(-1)
  }

  /** Resolves when the condition holds; rejects if the subscription ends before. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await Promise.race([this.#delivered.promise, this.#ended()])
  }

  untilLive(): Promise<void> {
    return this.until(() => this.last?.live === true)
  }

  untilEvents(count: number): Promise<void> {
    return this.until(() => this.events.length >= count)
  }

  /** Resolves when the store has ended the subscription. */
  ended(): Promise<void> {
    return this.#done
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort()
    await this.#done
  }

  async #follow(
    store: EventStore,
    prefixes: readonly string[],
    after: Position,
    handle: (batch: Batch) => unknown,
  ): Promise<void> {
    let position = after
    for await (const batch of store.subscribe({ after, prefixes, signal: this.#abort.signal })) {
      for (const event of batch.events) {
        assert.ok(event.position > position, 'each event comes once and in order')
        position = event.position
      }
      assert.ok(batch.position >= position, 'a batch ends where its last event is, or later')
      position = batch.position
      this.batches.push(batch)
      this.#delivered.resolve()
      this.#delivered = Promise.withResolvers()
      await handle(batch)
    }
  }

  async #ended(): Promise<never> {
    await this.#done
    throw new Error('the subscription ended')
  }
}
