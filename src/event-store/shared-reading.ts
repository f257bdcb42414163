import type { Position } from '../../schemas/events/recorded-event.ts'
import { decorateStore } from './decorate-store.ts'
import type { Batch, EventStore, SubscribeOptions } from './event-store.ts'
import { streamFilter } from './stream-filter.ts'

/** Events kept for the slowest subscriber, and for one that joins a moment later. */
const KEPT_EVENTS = 5_000
/** A subscriber that takes nothing for this long while others wait gets a subscription of its own. */
const STALLED_AFTER_MS = 1_000

/**
 * Lets subscribers that start together share one subscription of the store: an engine that starts from nothing reads the log
 * once. A subscriber that begins elsewhere, or cannot keep up, gets its own.
 *
 * @param prefixes of the shared subscription; one with other prefixes is not shared
 */
export const withSharedReading = (store: EventStore, prefixes: readonly string[]): EventStore => {
  let current: SharedReading | undefined
  const isCovered = (wanted: readonly string[]): boolean => wanted.every(streamFilter(prefixes))

  async function* subscribe(options: SubscribeOptions): AsyncGenerator<Batch, void> {
    let { after } = options
    if (isCovered(options.prefixes)) {
      if (current === undefined || current.isOver) current = new SharedReading(store, prefixes, after)
      const reader = current.join(after)
      const matches = streamFilter(options.prefixes)
      try {
        for await (const batch of reader?.batches(options.signal) ?? []) {
          const events = batch.events.filter(({ stream, position }) => position > after && matches(stream))
          after = Math.max(after, batch.position)
          yield { ...batch, events, position: after }
        }
        if (reader !== undefined && !reader.isLeftBehind) return
      } finally {
        reader?.leave()
      }
    }
    yield* store.subscribe({ ...options, after })
  }

  return decorateStore(store, { subscribe })
}

/** One subscription, and the batches that a reader has yet to take. */
class SharedReading {
  readonly #readers = new Set<Reader>()
  readonly #end = new AbortController()
  readonly #kept: Batch[] = []
  #keptEvents = 0
  /** The number of batches dropped, which is the number of the first kept. */
  #dropped = 0
  /** The first kept batch begins after this position. */
  #keptAfter: Position
  #last: Batch | undefined
  #isDone = false
  #error: unknown
  #changed = Promise.withResolvers<void>()

  constructor(store: EventStore, prefixes: readonly string[], after: Position) {
    this.#keptAfter = after
    void this.#run(store.subscribe({ after, prefixes, signal: this.#end.signal }))
  }

  get isOver(): boolean {
    return this.#isDone || this.#end.signal.aborted
  }

  /** Returns undefined if batches after that position were dropped. */
  join(after: Position): Reader | undefined {
    if (after < this.#keptAfter) return undefined
    const next = this.#kept.findIndex(({ position }) => position > after)
    const isAtEnd = next === -1
    const news = isAtEnd && this.#last?.live && this.#last.position >= after ? { ...this.#last, events: [] } : undefined
    const reader = new Reader(this, this.#dropped + (isAtEnd ? this.#kept.length : next), news)
    this.#readers.add(reader)
    return reader
  }

  /** Returns a batch by number; undefined if it has not arrived. @throws what ended the subscription */
  batch(number: number): Batch | undefined {
    const batch = this.#kept[number - this.#dropped]
    if (batch === undefined && this.#error !== undefined) throw this.#error
    return batch
  }

  /** Resolves when a batch may have arrived, or room for one. */
  get changed(): Promise<void> {
    return this.#changed.promise
  }

  readonly change = (): void => {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }

  /** The last reader to leave ends the subscription. */
  leave(reader: Reader): void {
    this.#readers.delete(reader)
    if (this.#readers.size === 0) this.#end.abort()
    this.change()
  }

  async #run(batches: AsyncIterable<Batch>): Promise<void> {
    try {
      for await (const batch of batches) {
        this.#last = batch
        this.#kept.push(batch)
        this.#keptEvents += batch.events.length
        this.change()
        await this.#room()
      }
    } catch (error) {
      this.#error = error
    }
    this.#isDone = true
    this.change()
  }

  /** Waits until one reader has taken everything and the slowest is not too far behind. */
  async #room(): Promise<void> {
    while (!this.#end.signal.aborted) {
      this.#drop()
      const end = this.#dropped + this.#kept.length
      const [slow, isAwaited] = [this.#slowest(), [...this.#readers].some(({ number }) => number === end)]
      if (isAwaited && (slow.number === end || this.#keptEvents < KEPT_EVENTS)) return
      if (!isAwaited) await this.changed
      else if (await this.#isStalled()) slow.leave()
    }
  }

  #slowest(): Reader {
    return [...this.#readers].reduce((slowest, reader) => (reader.number < slowest.number ? reader : slowest))
  }

  /** Whether no reader takes a batch or leaves for a while. */
  async #isStalled(): Promise<boolean> {
    const late = Promise.withResolvers<boolean>()
    const timer = setTimeout(() => late.resolve(true), STALLED_AFTER_MS)
    try {
      return await Promise.race([late.promise, this.changed.then(() => false)])
    } finally {
      clearTimeout(timer)
    }
  }

  /** Keeps what all readers have taken for latecomers, while there is room and the log is not at its end. */
  #drop(): void {
    const first = this.#slowest().number
    const isLive = this.#kept.at(-1)?.live === true
    while (this.#dropped < first && (isLive || this.#keptEvents > KEPT_EVENTS)) {
      const batch = this.#kept.shift() as Batch
      this.#keptEvents -= batch.events.length
      this.#keptAfter = batch.position
      this.#dropped += 1
    }
  }
}

class Reader {
  readonly #reading: SharedReading
  /** The live batch that others received before it joined. */
  readonly #news: Batch | undefined
  #isIn = true
  /** The number of the batch that it takes next. */
  number: number

  constructor(reading: SharedReading, number: number, news: Batch | undefined) {
    this.#reading = reading
    this.number = number
    this.#news = news
  }

  /** Whether it was dropped for being too slow. */
  get isLeftBehind(): boolean {
    return !this.#isIn
  }

  /** Ends when the signal aborts, the store closes, or it is dropped. @throws what ended the subscription */
  async *batches(signal: AbortSignal): AsyncGenerator<Batch, void> {
    signal.addEventListener('abort', this.#reading.change, { once: true })
    try {
      if (this.#news !== undefined && !signal.aborted) yield this.#news
      while (this.#isIn && !signal.aborted) {
        const batch = this.#reading.batch(this.number)
        if (batch === undefined) {
          if (this.#reading.isOver) return
          await this.#reading.changed
          continue
        }
        yield batch
        this.number += 1
        this.#reading.change()
      }
    } finally {
      signal.removeEventListener('abort', this.#reading.change)
    }
  }

  leave(): void {
    if (!this.#isIn) return
    this.#isIn = false
    this.#reading.leave(this)
  }
}
