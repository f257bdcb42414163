import type { Position } from '../../schemas/events/recorded-event.ts'
import { decorateStore } from './decorate-store.ts'
import type { Batch, EventStore, SubscribeOptions } from './event-store.ts'
import { streamFilter } from './stream-filter.ts'

/** How far the slowest reader may fall behind; the first so many wait for readers that begin a little later. */
const KEPT_EVENTS = 5_000
const STALLED_AFTER_MS = 1_000

/**
 * Shares one subscription, so that a new engine reads the log once. A subscriber that begins elsewhere, falls behind or
 * has other prefixes gets its own.
 */
export const withSharedSubscription = (store: EventStore, prefixes: readonly string[]): EventStore => {
  let current: SharedSubscription | undefined
  const isCovered = (wanted: readonly string[]): boolean => wanted.every(streamFilter(prefixes))

  async function* subscribe(options: SubscribeOptions): AsyncGenerator<Batch, void> {
    let { after } = options
    if (isCovered(options.prefixes)) {
      if (current === undefined || current.isOver) current = new SharedSubscription(store, prefixes, after)
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

class SharedSubscription {
  readonly #readers = new Set<Reader>()
  readonly #end = new AbortController()
  readonly #kept: Batch[] = []
  #keptEvents = 0
  #readEvents = 0
  #dropped = 0
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

  join(after: Position): Reader | undefined {
    if (after < this.#keptAfter) return undefined
    const next = this.#kept.findIndex(({ position }) => position > after)
    const isAtEnd = next === -1
    const news = isAtEnd && this.#last?.live && this.#last.position >= after ? { ...this.#last, events: [] } : undefined
    const reader = new Reader(this, this.#dropped + (isAtEnd ? this.#kept.length : next), news)
    this.#readers.add(reader)
    return reader
  }

  batch(number: number): Batch | undefined {
    const batch = this.#kept[number - this.#dropped]
    if (batch === undefined && this.#error !== undefined) throw this.#error
    return batch
  }

  get changed(): Promise<void> {
    return this.#changed.promise
  }

  readonly change = (): void => {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }

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
        this.#readEvents += batch.events.length
        this.change()
        await this.#room()
      }
    } catch (error) {
      this.#error = error
    }
    this.#isDone = true
    this.change()
  }

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

  async #isStalled(): Promise<boolean> {
    const late = Promise.withResolvers<boolean>()
    const timer = setTimeout(() => late.resolve(true), STALLED_AFTER_MS)
    try {
      return await Promise.race([late.promise, this.changed.then(() => false)])
    } finally {
      clearTimeout(timer)
    }
  }

  /** Events that are kept longer than needed outlive the space for young objects, which takes a tenth of a catch-up. */
  #drop(): void {
    if (this.#readEvents <= KEPT_EVENTS && this.#kept.at(-1)?.live !== true) return
    const first = this.#slowest().number
    while (this.#dropped < first) {
      const batch = this.#kept.shift() as Batch
      this.#keptEvents -= batch.events.length
      this.#keptAfter = batch.position
      this.#dropped += 1
    }
  }
}

class Reader {
  readonly #reading: SharedSubscription
  readonly #news: Batch | undefined
  #isIn = true
  number: number

  constructor(reading: SharedSubscription, number: number, news: Batch | undefined) {
    this.#reading = reading
    this.number = number
    this.#news = news
  }

  get isLeftBehind(): boolean {
    return !this.#isIn
  }

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
