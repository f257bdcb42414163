import { setTimeout as sleep } from 'node:timers/promises'
import { BEGINNING, type Position, type RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { READ_MODEL_PREFIXES } from '../../../schemas/events/streams.ts'
import type { Batch, EventStore } from '../../event-store/event-store.ts'

/** The thread must not wait for a server. */
const TIMEOUT_MS = 500

export class LogReading {
  readonly #open: () => Promise<EventStore>
  readonly #closing = new AbortController()
  #store: EventStore | undefined
  #batches: AsyncIterator<Batch> | undefined
  #coming: Promise<IteratorResult<Batch>> | undefined
  #events: readonly RecordedEvent[] = []
  #place = 0
  #position: Position = BEGINNING

  /** @param open a SQLite log is opened again after each pause, and then has what was written meanwhile */
  constructor(open: () => Promise<EventStore>) {
    this.#open = open
  }

  /** Returns none if there is no other event up to a position at the moment. */
  async next(to: Position, most: number): Promise<readonly RecordedEvent[]> {
    while (this.#place === this.#events.length) {
      const batch = await this.#read()
      if (batch === undefined) return []
      this.#events = batch.events
      this.#place = 0
      this.#position = batch.position
      if (batch.live && batch.events.length === 0) return []
    }
    const next = this.#events.slice(this.#place, this.#place + most).filter(({ position }) => position <= to)
    this.#place += next.length
    return next
  }

  async #read(): Promise<Batch | undefined> {
    this.#store ??= await this.#open()
    this.#batches ??= this.#store
      .subscribe({ after: this.#position, prefixes: READ_MODEL_PREFIXES, signal: this.#closing.signal })
      [Symbol.asyncIterator]()
    this.#coming ??= this.#batches.next()
    const late = new AbortController()
    try {
      const found = await Promise.race([
        this.#coming,
        sleep(TIMEOUT_MS, undefined, { signal: late.signal }).catch(() => undefined),
      ])
      if (found === undefined) return undefined
      this.#coming = undefined
      if (found.done) throw new Error('the reading of the log has ended unexpectedly')
      return found.value
    } finally {
      late.abort()
    }
  }

  /** Releases a snapshot of a SQLite log, because its `-wal` file grows meanwhile. */
  async pause(): Promise<void> {
    if (this.#store === undefined || this.#store.isShared) return
    const [store, coming] = [this.#store, this.#coming]
    this.#store = undefined
    this.#batches = undefined
    this.#coming = undefined
    await store.close()
    await coming?.catch(() => undefined)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#store?.close()
  }
}
