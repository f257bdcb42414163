import type { Position } from '../../../schemas/events/recorded-event.ts'
import type { ChangesOfEvent } from '../history/replayed-tables.ts'
import type { ChangeFeed } from './change-feed.ts'

/** The values that one event makes a source emit. */
export interface ChangeBatch<T> {
  readonly position: Position
  readonly values: readonly T[]
}

export interface Emitter<T> {
  /** The state that it begins with. */
  readonly first: readonly T[]
  /** Returns what an event changes; called with every event, in order. */
  readonly next: (changes: ChangesOfEvent) => readonly T[]
}

/** What can be watched live, and from any past moment. */
export interface Source<T> {
  /** Sources with the same name emit the same values, and share them. */
  readonly name: string
  readonly topic: string
  /** Begins with what the read models show now. */
  now(): Emitter<T>
  /** Yields the state at a position if it is wanted, and then what each event up to another position changed. */
  since(after: Position, to: Position, wantsFirst: boolean): AsyncIterable<ChangeBatch<T>>
}

/** Live changes, and whether they came faster than they were read. */
export interface LiveReading<T> {
  readonly batches: AsyncIterable<ChangeBatch<T>>
  hasOverflowed(): boolean
}

interface Joined<T> {
  readonly live: LiveReading<T>
  /** Everything up to here was emitted before. */
  readonly position: Position
}

/** A reader with fewer events than this to catch up with joins the live changes. */
const NEAR = 5000

/** Follows a source from now, or from a past position, without gaps or duplicates. */
export class CatchUpSubscription<T> {
  readonly #source: Source<T>
  readonly #feed: ChangeFeed
  readonly #head: () => Position
  readonly #signal: AbortSignal

  /** @param head the position that the read models show */
  constructor(source: Source<T>, feed: ChangeFeed, head: () => Position, signal: AbortSignal) {
    this.#source = source
    this.#feed = feed
    this.#head = head
    this.#signal = signal
  }

  /** Begins with the state at the call, also if it is read later. */
  fromNow(): AsyncIterable<T> {
    const { first, next } = this.#source.now()
    return this.#read(first, { live: this.#live(next), position: this.#head() })
  }

  async *from(position: Promise<Position>): AsyncGenerator<T> {
    const joined = yield* this.#catchUp(await position, true)
    if (joined !== undefined) yield* this.#follow(joined)
  }

  #live(next: Emitter<T>['next']): LiveReading<T> {
    const { name, topic } = this.#source
    return this.#feed.read({ name, topic, next }, this.#signal)
  }

  async *#read(first: readonly T[], joined: Joined<T>): AsyncGenerator<T> {
    yield* first
    yield* this.#follow(joined)
  }

  /** Emits live changes; a reader that is too slow for memory is served from disk until it is near again. */
  async *#follow(from: Joined<T>): AsyncGenerator<T> {
    for (let joined: Joined<T> | undefined = from; joined !== undefined; ) {
      const { live }: Joined<T> = joined
      let { position }: Joined<T> = joined
      for await (const batch of live.batches) {
        yield* batch.values
        position = batch.position
      }
      if (!live.hasOverflowed()) return
      joined = yield* this.#catchUp(position, false)
    }
  }

  /** Returns undefined if the subscription is over. */
  async *#catchUp(after: Position, wantsFirst: boolean): AsyncGenerator<T, Joined<T> | undefined> {
    try {
      return yield* this.#catchUpOnce(after, wantsFirst)
    } catch (error) {
      if (this.#isOver) return undefined
      throw error
    }
  }

  get #isOver(): boolean {
    return this.#signal.aborted || this.#feed.isClosed
  }

  async *#catchUpOnce(after: Position, wantsFirst: boolean): AsyncGenerator<T, Joined<T> | undefined> {
    let reached = after
    let isFirst = wantsFirst
    while (this.#head() - reached > NEAR) {
      const to = this.#head()
      for await (const { values } of this.#source.since(reached, to, isFirst)) {
        yield* values
        if (this.#isOver) return undefined
      }
      reached = to
      isFirst = false
    }
    const position = Math.max(reached, this.#head())
    // Live changes are buffered from here on, while the last part is read.
    const live = this.#live(this.#source.now().next)
    for await (const { values } of this.#source.since(reached, position, isFirst)) {
      yield* values
      if (this.#isOver) return undefined
    }
    return { live, position }
  }
}
