import type { Position } from '../../../schemas/events/recorded-event.ts'
import type { ChangesOfEvent } from '../history/replayed-tables.ts'
import type { ChangeFeed } from './change-feed.ts'

/** What one event makes a watch tell. */
export interface ChangeBatch<T> {
  readonly position: Position
  readonly values: readonly T[]
}

/** Something that can be watched live, and from any moment of the past. */
export interface Source<T> {
  /** Those who watch the same, by the same name, are told the very same values. */
  readonly name: string
  readonly topic: string
  /** What holds at this very moment, and a function that tells what each event from now on makes of it. */
  now(): { readonly first: readonly T[]; readonly next: (projected: ChangesOfEvent) => readonly T[] }
  /** What held at a position where that is wanted, and then what each event up to another position made of it. */
  since(after: Position, to: Position, wantsFirst: boolean): AsyncIterable<ChangeBatch<T>>
}

/** With less than this to catch up with, a reader is joined to what comes live; until then that need not wait for it. */
const NEAR = 5000

/** Joins what was to what comes: no gap, nothing twice. */
export class CatchUpSubscription<T> {
  readonly #watched: Source<T>
  readonly #feed: ChangeFeed
  readonly #head: () => Position
  readonly #signal: AbortSignal

  /** @param head the position that the read models show now */
  constructor(watched: Source<T>, feed: ChangeFeed, head: () => Position, signal: AbortSignal) {
    this.#watched = watched
    this.#feed = feed
    this.#head = head
    this.#signal = signal
  }

  /** Begins with what holds at this very moment, also where it is read later. */
  fromNow(): AsyncIterable<T> {
    const { first, next } = this.#watched.now()
    return this.#read(first, this.#live(next), this.#head())
  }

  #live(next: (projected: ChangesOfEvent) => readonly T[]): LiveReading<T> {
    const { name, topic } = this.#watched
    return this.#feed.read({ name, topic, next }, this.#signal)
  }

  async *#read(first: readonly T[], live: LiveReading<T>, position: Position): AsyncGenerator<T> {
    yield* first
    yield* this.#goOn(live, position)
  }

  async *from(position: Promise<Position>): AsyncGenerator<T> {
    const begin = await position
    const live = yield* this.#catchUp(begin, true)
    if (live !== undefined) yield* this.#goOn(live.reading, live.position)
  }

  async *#goOn(live: LiveReading<T>, position: Position): AsyncGenerator<T> {
    let [reading, reached] = [live, position]
    while (true) {
      for await (const told of reading.told) {
        yield* told.values
        reached = told.position
      }
      // One that is too slow for memory is served from the disk, until it is near again.
      if (!reading.isOverfull()) return
      const next = yield* this.#catchUp(reached, false)
      if (next === undefined) return
      reading = next.reading
      reached = next.position
    }
  }

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
      for await (const { values } of this.#watched.since(reached, to, isFirst)) {
        yield* values
        if (this.#isOver) return undefined
      }
      reached = to
      isFirst = false
    }
    const position = Math.max(reached, this.#head())
    const reading = this.#live(this.#watched.now().next)
    for await (const { values } of this.#watched.since(reached, position, isFirst)) {
      yield* values
      if (this.#isOver) return undefined
    }
    return { reading, position }
  }
}

/** What comes live, and whether it came faster than it was read. */
export interface LiveReading<T> {
  readonly told: AsyncIterable<ChangeBatch<T>>
  isOverfull(): boolean
}

interface Joined<T> {
  readonly reading: LiveReading<T>
  /** Up to here everything was told already. */
  readonly position: Position
}
