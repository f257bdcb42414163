import type { Position } from '../../../schemas/events/recorded-event.ts'
import type { ChangesOfEvent } from '../history/replayed-tables.ts'
import type { ChangeFeed } from './change-feed.ts'
import type { ChangeBatch, LiveReading, Watch } from './types.ts'
import { WatchedValues } from './watched-values.ts'

export interface Emitter<T> {
  readonly first: readonly T[]
  readonly next: (changes: ChangesOfEvent) => readonly T[]
}

export interface Source<T> {
  /** Sources with the same name share a channel. */
  readonly name: string
  readonly topic: string
  now(): Emitter<T>
  /** The state at `after` if wanted, then changes up to `to`. */
  since(after: Position, to: Position, wantsFirst: boolean): AsyncIterable<ChangeBatch<T>>
}

interface Joined<T> {
  readonly live: LiveReading<T>
  readonly position: Position
}

/** Nearer readers join live changes. */
const NEAR = 5000

export class CatchUpSubscription<T> {
  readonly #source: Source<T>
  readonly #feed: ChangeFeed
  readonly #head: () => Position
  readonly #signal: AbortSignal

  constructor(source: Source<T>, feed: ChangeFeed, head: () => Position, signal: AbortSignal) {
    this.#source = source
    this.#feed = feed
    this.#head = head
    this.#signal = signal
  }

  fromNow(): Watch<T> {
    const { first, next } = this.#source.now()
    return new WatchedValues(this.#follow({ live: this.#live(next), position: this.#head() }, [first]))
  }

  from(position: Promise<Position>): Watch<T> {
    return new WatchedValues(this.#from(position))
  }

  async *#from(position: Promise<Position>): AsyncGenerator<readonly T[]> {
    const joined = yield* this.#catchUp(await position, true)
    if (joined !== undefined) yield* this.#follow(joined)
  }

  #live(next: Emitter<T>['next']): LiveReading<T> {
    const { name, topic } = this.#source
    return this.#feed.read({ name, topic, next }, this.#signal)
  }

  /**
   * Without `yield*`, which awaits each batch several times.
   *
   * @param first emptied, as a generator holds its parameters in memory until it ends
   */
  async *#follow(from: Joined<T>, first: (readonly T[])[] = []): AsyncGenerator<readonly T[]> {
    if (first.length > 0) yield first.pop() as readonly T[]
    for (let joined: Joined<T> | undefined = from; joined !== undefined; ) {
      const { live }: Joined<T> = joined
      let { position }: Joined<T> = joined
      for await (const batch of live.batches) {
        yield batch.values
        position = batch.position
      }
      if (!live.hasOverflowed()) return
      joined = yield* this.#catchUp(position, false)
    }
  }

  async *#catchUp(after: Position, wantsFirst: boolean): AsyncGenerator<readonly T[], Joined<T> | undefined> {
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

  async *#catchUpOnce(after: Position, wantsFirst: boolean): AsyncGenerator<readonly T[], Joined<T> | undefined> {
    let reached = after
    let isFirst = wantsFirst
    while (this.#head() - reached > NEAR) {
      const to = this.#head()
      for await (const { values } of this.#source.since(reached, to, isFirst)) {
        yield values
        if (this.#isOver) return undefined
      }
      reached = to
      isFirst = false
    }
    const position = Math.max(reached, this.#head())
    // Live changes are buffered while the last part is read.
    const live = this.#live(this.#source.now().next)
    for await (const { values } of this.#source.since(reached, position, isFirst)) {
      yield values
      if (this.#isOver) return undefined
    }
    return { live, position }
  }
}
