import { HarkError } from '../../schemas/errors.ts'
import type { RouterEvent } from '../../schemas/events/events.ts'
import { BEGINNING, type Position } from '../../schemas/events/recorded-event.ts'
import { routerStream } from '../../schemas/events/streams.ts'
import { newEvent, systemCaller } from '../engine/commands/event-metadata.ts'
import {
  type AppendResult,
  type EventStore,
  type EventToAppend,
  NO_STREAM,
  StoreUnavailable,
  WrongExpectedRevision,
} from '../event-store/event-store.ts'
import { lastEventOf } from '../event-store/last-event.ts'
import type { Clock } from '../lib/clock.ts'
import type { CausationTracker } from './causation.ts'
import { type Lease, LeaseLost } from './lease/lease.ts'

const EVENTS_PER_APPEND = 500
const RETRY_MS = 500

interface EventWriterOptions {
  readonly store: EventStore
  readonly namespace: string
  readonly lease: Lease
  readonly causes: CausationTracker
  readonly clock: Clock
  reached(position: number): Promise<void>
}

export type ToWrite = readonly RouterEvent[] | (() => readonly RouterEvent[])

/**
 * Expected revisions keep two presumed holders from both writing. Writes are queued: concurrent appends would look like
 * a lost lease.
 */
export class RouterEventWriter {
  readonly #options: EventWriterOptions
  readonly #stream: string
  #revision: number
  #lastWrite: Promise<void> = Promise.resolve()

  private constructor(options: EventWriterOptions, revision: number) {
    this.#options = options
    this.#stream = routerStream(options.namespace)
    this.#revision = revision
  }

  static async open(options: EventWriterOptions): Promise<RouterEventWriter> {
    const last = await lastEventOf(options.store, routerStream(options.namespace))
    await options.reached(last?.position ?? BEGINNING)
    return new RouterEventWriter(options, last?.revision ?? NO_STREAM)
  }

  /**
   * Retries while the store does not respond. Resolves when the read models show the durable events.
   *
   * @throws LeaseLost if another engine holds the lease; the rest is not written
   * @throws the signal's reason
   */
  write(toWrite: ToWrite, signal: AbortSignal): Promise<void> {
    const written = this.#lastWrite.then(() => {
      signal.throwIfAborted()
      return this.#write(typeof toWrite === 'function' ? toWrite() : toWrite, signal)
    })
    this.#lastWrite = written.catch(() => undefined)
    return written
  }

  async #write(events: readonly RouterEvent[], signal: AbortSignal): Promise<void> {
    const caller = systemCaller()
    for (let start = 0; start < events.length; start += EVENTS_PER_APPEND) {
      const batch: EventToAppend[] = []
      for (const event of events.slice(start, start + EVENTS_PER_APPEND)) {
        const cause = await this.#retry(() => this.#options.causes.of(event), signal)
        const { correlationId } = cause ?? caller
        const origin = cause && { causationId: cause.id, traceparent: cause.traceparent }
        batch.push(newEvent(event, { caller: { ...caller, correlationId }, ...origin }))
      }
      const { revision, position } = await this.#append(batch, signal)
      this.#revision = revision
      await this.#untilShown(position, signal)
    }
  }

  async #untilShown(position: Position, signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted()
      try {
        return await this.#options.reached(position)
      } catch (error) {
        if (!(error instanceof HarkError)) throw error
      }
    }
  }

  /** Retries with the same events, so that none is appended twice. */
  #append(batch: readonly EventToAppend[], signal: AbortSignal): Promise<AppendResult> {
    const { store, lease } = this.#options
    return this.#retry(async () => {
      if (!lease.isValid()) await lease.whenValid(signal)
      try {
        return await store.append(this.#stream, this.#revision, batch)
      } catch (error) {
        throw error instanceof WrongExpectedRevision ? new LeaseLost() : error
      }
    }, signal)
  }

  async #retry<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (;;) {
      try {
        return await work()
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error
        await this.#options.clock.sleep(RETRY_MS, signal)
      }
    }
  }
}
