import type { DomainEvent, LeaseEvent, LeaseEventType } from '../../../schemas/events/events.ts'
import type { RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { leaseStream } from '../../../schemas/events/streams.ts'
import { newEvent, systemCaller } from '../../engine/commands/event-metadata.ts'
import { type EventStore, NO_STREAM, StoreUnavailable, WrongExpectedRevision } from '../../event-store/event-store.ts'
import { lastEventOf } from '../../event-store/last-event.ts'
import type { Clock } from '../../lib/clock.ts'

/** All in milliseconds. */
export interface LeaseTimes {
  readonly poll: number
  /** The time without events of the holder before LeaseAsked. */
  readonly askAfter: number
  /** Longer than `validFor`: see EventStoreLease. */
  readonly answerWithin: number
  /** The time for which a released lease waits for its engine, which may be restarting. */
  readonly takeReleasedAfter: number
  /** Counted from the start of the holder's read or write. */
  readonly validFor: number
}

/** Replaces a dead holder within 11 s, at one read per second. */
const DRIVER_TIMES: LeaseTimes = {
  poll: 1000,
  askAfter: 2500,
  answerWithin: 5000,
  takeReleasedAfter: 0,
  validFor: 4000,
}

export interface Lease {
  readonly holder: string
  acquire(signal: AbortSignal): Promise<void>
  /** To be checked before anything is sent or written. */
  isValid(): boolean
  whenValid(signal: AbortSignal): Promise<void>
  /** Aborted with LeaseLost, or with the error that prevents reading it; `acquire` replaces it. */
  readonly lost: AbortSignal
  release(): Promise<void>
}

/** Serves a store that no other process can open. */
export const noopLease = (holder: string): Lease => ({
  holder,
  acquire: async signal => signal.throwIfAborted(),
  isValid: () => true,
  whenValid: async signal => signal.throwIfAborted(),
  lost: new AbortController().signal,
  release: async () => {},
})

interface LeaseOptions {
  readonly store: EventStore
  readonly namespace: string
  readonly holder: string
  readonly predecessor?: string | undefined
  readonly times?: LeaseTimes
  readonly clock: Clock
}

export class LeaseLost extends Error {
  override readonly name = 'LeaseLost'

  constructor() {
    super('another engine controls the router')
  }
}

const holderOf = (event: RecordedEvent | undefined): string | undefined =>
  (event?.data as { readonly holder?: string } | undefined)?.holder

interface Observation {
  readonly revision: number
  readonly since: number
}

/**
 * Valid for `validFor` from the start of a read that found the holder's own event last. Another engine appends
 * LeaseAsked; the holder responds with LeaseRenewed, or loses the lease after `answerWithin`. An unread LeaseAsked was
 * appended after the holder's last read began, so the lease ends before another engine can take it.
 */
export class EventStoreLease implements Lease {
  readonly holder: string
  readonly #store: EventStore
  readonly #stream: string
  readonly #namespace: string
  readonly #predecessor: string | undefined
  readonly #times: LeaseTimes
  readonly #clock: Clock
  #lost = new AbortController()
  #validUntil = Number.NEGATIVE_INFINITY
  #renewing: { readonly end: AbortController; readonly done: Promise<void> } | undefined

  constructor({ store, namespace, holder, predecessor, times, clock }: LeaseOptions) {
    this.holder = holder
    this.#store = store
    this.#namespace = namespace
    this.#stream = leaseStream(namespace)
    this.#predecessor = predecessor
    this.#times = times ?? DRIVER_TIMES
    this.#clock = clock
  }

  get lost(): AbortSignal {
    return this.#lost.signal
  }

  isValid(): boolean {
    return this.#clock.now() < this.#validUntil
  }

  async whenValid(signal: AbortSignal): Promise<void> {
    const given = AbortSignal.any([signal, this.lost])
    while (!this.isValid()) {
      given.throwIfAborted()
      await this.#clock.sleep(this.#times.poll / 10, given)
    }
    given.throwIfAborted()
  }

  async acquire(signal: AbortSignal): Promise<void> {
    this.#lost = new AbortController()
    let observation: Observation | undefined
    for (;;) {
      signal.throwIfAborted()
      try {
        const last = await lastEventOf(this.#store, this.#stream)
        const isFirst = observation === undefined
        if (last?.revision !== observation?.revision || observation === undefined) {
          observation = { revision: last?.revision ?? NO_STREAM, since: this.#clock.now() }
        }
        if (await this.#contend(last, observation, isFirst)) break
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision || error instanceof StoreUnavailable)) throw error
      }
      await this.#clock.sleep(this.#times.poll, signal)
    }
    const end = new AbortController()
    this.#renewing = { end, done: this.#renew(AbortSignal.any([end.signal, this.lost])) }
  }

  async #contend(last: RecordedEvent | undefined, { since }: Observation, isFirst: boolean): Promise<boolean> {
    const revision = last?.revision ?? NO_STREAM
    const quietFor = this.#clock.now() - since
    const isAsked = last?.type === 'LeaseAsked'
    const isReleased = last?.type === 'LeaseReleased'
    const isAbandoned = !isReleased && this.#predecessor !== undefined && holderOf(last) === this.#predecessor
    const isFree = last === undefined || isAbandoned || (isReleased && quietFor >= this.#times.takeReleasedAfter)
    if (isFree || (isAsked && quietFor >= this.#times.answerWithin)) {
      await this.#write(revision, 'LeaseTaken', { namespace: this.#namespace, holder: this.holder })
      return true
    }
    if (!isAsked && !isReleased && (isFirst || quietFor >= this.#times.askAfter)) {
      await this.#append(revision, 'LeaseAsked', { namespace: this.#namespace, by: this.holder })
    }
    return false
  }

  async #renew(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#clock.sleep(this.#times.poll, signal).catch(() => undefined)
      if (signal.aborted) return
      try {
        await this.#check()
      } catch (error) {
        // Nothing awaits this promise: only the loss stops the controller.
        if (!(error instanceof WrongExpectedRevision || error instanceof StoreUnavailable))
          return this.#lose(error as Error)
      }
    }
  }

  async #check(): Promise<void> {
    const begun = this.#clock.now()
    const last = await lastEventOf(this.#store, this.#stream)
    if (holderOf(last) === this.holder && (last?.type === 'LeaseTaken' || last?.type === 'LeaseRenewed')) {
      this.#validUntil = begun + this.#times.validFor
    } else if (last?.type === 'LeaseAsked') {
      await this.#write(last.revision, 'LeaseRenewed', { namespace: this.#namespace, holder: this.holder })
    } else {
      this.#lose(new LeaseLost())
    }
  }

  #lose(reason: Error): void {
    this.#validUntil = Number.NEGATIVE_INFINITY
    this.#lost.abort(reason)
  }

  async #write<Type extends 'LeaseTaken' | 'LeaseRenewed'>(
    expectedRevision: number,
    type: Type,
    data: DomainEvent<Type>['data'],
  ): Promise<void> {
    const begun = this.#clock.now()
    await this.#append(expectedRevision, type, data)
    this.#validUntil = begun + this.#times.validFor
  }

  async #append<Type extends LeaseEventType>(
    expectedRevision: number,
    type: Type,
    data: DomainEvent<Type>['data'],
  ): Promise<void> {
    const event = { type, data } as LeaseEvent
    const caller = systemCaller()
    await this.#store.append(this.#stream, expectedRevision, [newEvent(event, { caller })])
  }

  async release(): Promise<void> {
    this.#renewing?.end.abort()
    await this.#renewing?.done
    this.#renewing = undefined
    if (!this.isValid()) return
    try {
      const last = await lastEventOf(this.#store, this.#stream)
      if (last !== undefined && (holderOf(last) === this.holder || last.type === 'LeaseAsked')) {
        await this.#append(last.revision, 'LeaseReleased', { namespace: this.#namespace, holder: this.holder })
      }
    } catch (error) {
      if (!(error instanceof WrongExpectedRevision || error instanceof StoreUnavailable)) throw error
    } finally {
      this.#validUntil = Number.NEGATIVE_INFINITY
    }
  }
}
