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

/** So many events of a router's stay far below what one append may carry. */
const EVENTS_AT_ONCE = 500
const RETRY_MS = 500

interface JournalOptions {
  readonly store: EventStore
  readonly namespace: string
  readonly lease: Lease
  readonly causes: CausationTracker
  readonly clock: Clock
  /** Resolves when the read side shows everything up to a position; rejects with HarkError where that takes too long. */
  reached(position: number): Promise<void>
}

/** Events, or what decides them once everything that was written before is shown. */
export type ToWrite = readonly RouterEvent[] | (() => readonly RouterEvent[])

/**
 * Writes down what a router says, for as long as this engine drives it: each append names the revision that it expects, so
 * that two that both took themselves for the driver cannot both write. The parts of one driver write through one queue:
 * two of its appends at once would expect the same revision, and the loser would take the winner for another engine.
 */
export class RouterEventWriter {
  readonly #journal: JournalOptions
  readonly #stream: string
  #revision: number
  #lastWrite: Promise<void> = Promise.resolve()

  private constructor(journal: JournalOptions, revision: number) {
    this.#journal = journal
    this.#stream = routerStream(journal.namespace)
    this.#revision = revision
  }

  /** Resolves when the read side shows all that was written of the router before. */
  static async open(journal: JournalOptions): Promise<RouterEventWriter> {
    const last = await lastEventOf(journal.store, routerStream(journal.namespace))
    await journal.reached(last?.position ?? BEGINNING)
    return new RouterEventWriter(journal, last?.revision ?? NO_STREAM)
  }

  /**
   * Resolves when the events are durable and the read side shows them. Writes are done one after the other, in the order
   * in which they were asked for. While the store does not answer it goes on trying.
   *
   * @throws LeaseLost where the lease is not this engine's any more, with the rest not written
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
    for (let start = 0; start < events.length; start += EVENTS_AT_ONCE) {
      const batch: EventToAppend[] = []
      for (const event of events.slice(start, start + EVENTS_AT_ONCE)) {
        const cause = await this.#patiently(() => this.#journal.causes.of(event), signal)
        const { correlationId } = cause ?? caller
        batch.push(newEvent(event, { caller: { ...caller, correlationId }, ...(cause && { causationId: cause.id }) }))
      }
      const { revision, position } = await this.#append(batch, signal)
      this.#revision = revision
      await this.#shown(position, signal)
    }
  }

  /** However long it takes: what is written is not news any more, which only the read side tells. */
  async #shown(position: Position, signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted()
      try {
        return await this.#journal.reached(position)
      } catch (error) {
        if (!(error instanceof HarkError)) throw error
      }
    }
  }

  /** Where it was written or not, the same append again settles it. */
  #append(batch: readonly EventToAppend[], signal: AbortSignal): Promise<AppendResult> {
    const { store, lease } = this.#journal
    return this.#patiently(async () => {
      if (!lease.isValid()) await lease.whenValid(signal)
      try {
        return await store.append(this.#stream, this.#revision, batch)
      } catch (error) {
        throw error instanceof WrongExpectedRevision ? new LeaseLost() : error
      }
    }, signal)
  }

  async #patiently<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (;;) {
      try {
        return await work()
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error
        await this.#journal.clock.sleep(RETRY_MS, signal)
      }
    }
  }
}
