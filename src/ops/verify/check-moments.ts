import { BEGINNING, type Position } from '../../../schemas/events/recorded-event.ts'
import type { HistoryDatabase } from '../../engine/history/history-database.ts'
import type { StoredMoment } from '../../engine/history/version-store.ts'
import type { LastEvent, Part } from '../../engine/read-models/persistence/database.ts'
import type { Finding } from '../../integrity/verify/finding.ts'

import { EventTimesCheck } from './check-event-times.ts'

type PlacedEvent = LastEvent & { readonly position: Position }

/** Undefined if an unfinished rebuild leaves it unknown. */
type Reach = Readonly<Record<Part, Position>> | undefined

export class MomentCheck {
  readonly #stored: Iterator<StoredMoment>
  readonly #times: EventTimesCheck
  readonly #rows: LastEventCheck
  readonly #versions: LastEventCheck
  #fault: Finding | undefined
  /** Pending, as the next event may have the same time. */
  #current: StoredMoment | undefined

  constructor(database: HistoryDatabase, reach: Reach) {
    this.#stored = database.versions.allMoments()[Symbol.iterator]()
    this.#times = new EventTimesCheck(database)
    this.#rows = new LastEventCheck('rows', database.lastEvent('rows'), reach?.rows)
    this.#versions = new LastEventCheck('versions', database.lastEvent('versions'), reach?.versions)
  }

  take(event: PlacedEvent): void {
    // Moments are persisted with the history.
    if (!this.#versions.isPassed) this.#note(event)
    this.#rows.take(event)
    this.#versions.take(event)
  }

  /** Time grows with position; see PendingTimestamps. */
  #note({ time: recorded, position, stream }: PlacedEvent): void {
    const time = Math.max(Date.parse(recorded), this.#current?.time ?? Number.NEGATIVE_INFINITY)
    if (this.#current !== undefined && this.#current.time < time) this.#compare(this.#current)
    this.#current = { time, position }
    this.#times.take(stream, time)
  }

  #compare({ time, position }: StoredMoment): void {
    const { value } = this.#stored.next()
    if (value?.time === time && value.position === position) return
    this.#find(`that of position ${position} must be ${new Date(time).toISOString()}, as in the log`)
  }

  #find(fault: string): void {
    this.#fault ??= { place: 'the moments', fault }
  }

  *findings(): Iterable<Finding> {
    if (this.#current !== undefined) this.#compare(this.#current)
    if (!this.#stored.next().done) this.#find('there are more than in the log')
    if (this.#fault !== undefined) yield this.#fault
    yield* this.#times.findings()
    yield* this.#rows.findings()
    yield* this.#versions.findings()
  }
}

class LastEventCheck {
  readonly #of: Part
  readonly #stored: LastEvent | undefined
  readonly #reach: Position | undefined
  #storedAt: Position | undefined
  #lastAt: Position = BEGINNING

  constructor(of: Part, stored: LastEvent | undefined, reach: Position | undefined) {
    this.#of = of
    this.#stored = stored
    this.#reach = reach
  }

  get isPassed(): boolean {
    return this.#stored === undefined || this.#storedAt !== undefined
  }

  take({ stream, revision, id, time, position }: PlacedEvent): void {
    const stored = this.#stored
    if (stored?.id === id && stored.stream === stream && stored.revision === revision && stored.time === time)
      this.#storedAt = position
    if (this.#reach === undefined || position <= this.#reach) this.#lastAt = position
  }

  *findings(): Iterable<Finding> {
    const place = `the last event of the ${this.#of}`
    if (this.#stored === undefined) {
      if (this.#lastAt !== BEGINNING) yield { place, fault: 'it is missing' }
    } else if (this.#storedAt === undefined) yield { place, fault: 'the log does not have it' }
    else if (this.#reach !== undefined && this.#storedAt !== this.#lastAt)
      yield { place, fault: `it is at position ${this.#storedAt}, and should be at ${this.#lastAt}` }
  }
}
