import type { DomainEvent, LeaseEvent, LeaseEventType } from '../../../schemas/events/events.ts'
import type { RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { leaseStream } from '../../../schemas/events/streams.ts'
import { newEvent, systemCaller } from '../../engine/commands/event-metadata.ts'
import { type EventStore, NO_STREAM, StoreUnavailable, WrongExpectedRevision } from '../../event-store/event-store.ts'
import { lastEventOf } from '../../event-store/last-event.ts'
import type { Clock } from '../../lib/clock.ts'

/** How an engine waits for its turn; all in milliseconds. */
export interface LeaseTimes {
  /** Between two looks at the lease. */
  readonly poll: number
  /** How long a holder may be quiet before it is asked whether it is still there. */
  readonly askAfter: number
  /** How long it may take to answer before another takes its place. More than `validFor`: see `Lease`. */
  readonly answerWithin: number
  /** How long a lease that was released is left to who released it, and may be back. */
  readonly takeReleasedAfter: number
  /** How long what a holder saw in the log, or wrote to it, lets it drive. */
  readonly validFor: number
}

/** Takes over from a holder that died within 11 s: it is asked after 2.5 s, has 5 s to answer, and looks take 1 s. */
const DRIVER_TIMES: LeaseTimes = {
  poll: 1000,
  askAfter: 2500,
  answerWithin: 5000,
  takeReleasedAfter: 0,
  validFor: 4000,
}

/** The right to drive one router. */
export interface Lease {
  /** Who holds it, as events name it. */
  readonly holder: string
  /** Resolves when it is this engine's. Rejects with the signal's reason. */
  acquire(signal: AbortSignal): Promise<void>
  /** Whether it is certain that no other engine drives. To be asked before anything is sent or written. */
  isValid(): boolean
  /** Resolves when `isValid`; rejects with the signal's reason. */
  whenValid(signal: AbortSignal): Promise<void>
  /** Aborted with LeaseLost when another engine took it, or with what keeps it from being looked at; made anew by `acquire`. */
  readonly lost: AbortSignal
  /** Lets another take it at once. */
  release(): Promise<void>
}

/** Where no other process has the store there is nobody to take turns with. */
export const noopLease = (holder: string): Lease => ({
  holder,
  acquire: async signal => signal.throwIfAborted(),
  isValid: () => true,
  whenValid: async signal => signal.throwIfAborted(),
  lost: new AbortController().signal,
  release: async () => {},
})

interface SharedLeaseOptions {
  readonly store: EventStore
  readonly namespace: string
  readonly holder: string
  /** A holder that is known to have died: its lease is free. */
  readonly predecessor?: string | undefined
  readonly times?: LeaseTimes
  /** It goes on while the process is stopped. */
  readonly clock: Clock
}

/** Another engine drives the router now: this one may neither send nor write anything more. */
export class LeaseLost extends Error {
  override readonly name = 'NoLongerDriver'

  constructor() {
    super('another engine drives the router')
  }
}

const holderOf = (event: RecordedEvent | undefined): string | undefined =>
  (event?.data as { readonly holder?: string } | undefined)?.holder

/** The last event of the lease's stream, and since when this engine knows it to be the last. */
interface Observation {
  readonly revision: number
  readonly since: number
}

/**
 * A lease in the log, which nobody writes to while nobody contends for it. A holder looks at it every now and then, and
 * drives only for `validFor` from when it began to look and found nothing but its own word. Another that wants to drive
 * asks; a holder that finds itself asked renews; one that does not within `answerWithin` is taken for dead. A question that
 * a holder did not see was asked after it began to look, so the lease that it may still rely on ends first.
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
  #keeping: { readonly end: AbortController; readonly done: Promise<void> } | undefined

  constructor({ store, namespace, holder, predecessor, times, clock }: SharedLeaseOptions) {
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
    let sight: Observation | undefined
    for (;;) {
      signal.throwIfAborted()
      try {
        const last = await lastEventOf(this.#store, this.#stream)
        const isFirstSight = sight === undefined
        if (last?.revision !== sight?.revision || sight === undefined) {
          sight = { revision: last?.revision ?? NO_STREAM, since: this.#clock.now() }
        }
        if (await this.#contend(last, sight, isFirstSight)) break
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision || error instanceof StoreUnavailable)) throw error
      }
      await this.#clock.sleep(this.#times.poll, signal)
    }
    const end = new AbortController()
    this.#keeping = { end, done: this.#keep(AbortSignal.any([end.signal, this.lost])) }
  }

  /** Whether the lease is this engine's now. */
  async #contend(last: RecordedEvent | undefined, { since }: Observation, isFirstSight: boolean): Promise<boolean> {
    const revision = last?.revision ?? NO_STREAM
    const quietFor = this.#clock.now() - since
    const isAsked = last?.type === 'LeaseAsked'
    const isReleased = last?.type === 'LeaseReleased'
    const isLeft = !isReleased && this.#predecessor !== undefined && holderOf(last) === this.#predecessor
    const isFree = last === undefined || isLeft || (isReleased && quietFor >= this.#times.takeReleasedAfter)
    if (isFree || (isAsked && quietFor >= this.#times.answerWithin)) {
      await this.#write(revision, 'LeaseTaken', { namespace: this.#namespace, holder: this.holder })
      return true
    }
    if (!isAsked && !isReleased && (isFirstSight || quietFor >= this.#times.askAfter)) {
      await this.#append(revision, 'LeaseAsked', { namespace: this.#namespace, by: this.holder })
    }
    return false
  }

  async #keep(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#clock.sleep(this.#times.poll, signal).catch(() => undefined)
      if (signal.aborted) return
      try {
        await this.#look()
      } catch (error) {
        // Whatever it is: nobody waits for this, and who drives would go on without.
        if (!(error instanceof WrongExpectedRevision || error instanceof StoreUnavailable))
          return this.#lose(error as Error)
      }
    }
  }

  async #look(): Promise<void> {
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

  /** Writes what makes the lease this engine's from when the writing began. */
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
    this.#keeping?.end.abort()
    await this.#keeping?.done
    this.#keeping = undefined
    if (!this.isValid()) return
    try {
      const last = await lastEventOf(this.#store, this.#stream)
      if (last !== undefined && (holderOf(last) === this.holder || last.type === 'LeaseAsked')) {
        await this.#append(last.revision, 'LeaseReleased', { namespace: this.#namespace, holder: this.holder })
      }
    } catch (error) {
      // Another takes it by and by, as from one that died.
      if (!(error instanceof WrongExpectedRevision || error instanceof StoreUnavailable)) throw error
    } finally {
      this.#validUntil = Number.NEGATIVE_INFINITY
    }
  }
}
