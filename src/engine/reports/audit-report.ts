import { type AuditEntry, auditEntry } from '../../../projections/audit/entry.ts'
import { AuditSummary } from '../../../projections/audit/summary.ts'
import { badUserInput } from '../../../schemas/errors.ts'
import { BEGINNING, type Position } from '../../../schemas/events/recorded-event.ts'
import { AUDITED_PREFIXES } from '../../../schemas/events/streams.ts'
import type { EventStore } from '../../event-store/event-store.ts'
import { lastPosition } from '../../event-store/last-event.ts'
import type { ReadSide } from '../engine.ts'
import type { History } from '../history/history.ts'
import type { TimeWindow } from '../history/moments.ts'
import type { ObservedTime } from '../history/observed-time.ts'
import type { MomentRequest } from '../history/types.ts'
import type { WindowRequest } from '../overview/types.ts'
import { mapStoreErrors } from '../queries/event-log.ts'
import type { LogReader } from '../queries/log-reader.ts'
import type { ReadModels } from '../read-models/read-models.ts'
import { auditedPrefixes, entryMatches, mayMatch } from './audit-filter.ts'
import { availabilityOf } from './availability.ts'
import type { AuditFilter, AuditPage, AuditReport } from './types.ts'

const MOST_ENDS = 1000

interface Sources {
  readonly store: EventStore
  readonly models: ReadModels
  readonly log: LogReader
  readonly history: History
  readonly observed: ObservedTime
  windowOf(window: WindowRequest): Promise<TimeWindow>
}

const asText = (time: number): string => new Date(time).toISOString()

/** Positions of the last entries of pages, from which `between` can read on. */
class PageEnds {
  readonly #positions = new Set<Position>()

  has(position: Position): boolean {
    return this.#positions.has(position)
  }

  add(position: Position): void {
    this.#positions.add(position)
    if (this.#positions.size > MOST_ENDS) this.#positions.delete(this.#positions.values().next().value as Position)
  }
}

const boundsIn = ({ store, models, log, history }: Sources) => {
  /** Read models omit rejections. */
  const lastUntil = async (time: number): Promise<Position> => {
    let last = (await history.positionAt(time)) ?? BEGINNING
    for await (const event of log.between(last, Number.POSITIVE_INFINITY, AUDITED_PREFIXES)) {
      if (Date.parse(event.time) > time) break
      last = event.position
    }
    return last
  }
  return {
    before: ({ position, time }: MomentRequest): Promise<Position> | Position =>
      position === undefined ? lastUntil(Date.parse(time) - 1) : position - 1,
    until: async (moment: MomentRequest | undefined): Promise<Position> => {
      if (moment === undefined) return lastPosition(store, AUDITED_PREFIXES)
      if (moment.position === undefined) return lastUntil(Date.parse(moment.time))
      if (moment.position <= models.position) return moment.position
      return Math.min(moment.position, await lastPosition(store, AUDITED_PREFIXES))
    },
  }
}

const timed = async (moment: MomentRequest, log: LogReader): Promise<MomentRequest> => {
  const time = moment.position === undefined ? undefined : await log.timeAt(moment.position)
  return time === undefined ? moment : { time: asText(time) }
}

const pageOf = async (entries: AsyncIterable<AuditEntry>, first: number, ends: PageEnds): Promise<AuditPage> => {
  const page: AuditEntry[] = []
  let hasNextPage = false
  for await (const entry of entries) {
    hasNextPage = page.length === first
    if (hasNextPage) break
    page.push(entry)
  }
  const last = page.at(-1)
  if (hasNextPage && last !== undefined) ends.add(last.position)
  return { entries: page, hasNextPage }
}

const summaryOf = async (entries: AsyncIterable<AuditEntry>) => {
  const summary = new AuditSummary()
  for await (const entry of entries) summary.add(entry)
  return summary.counts
}

export const createAuditReports = (sources: Sources): ReadSide['audit'] => {
  const { log, history, observed, windowOf } = sources
  const bounds = boundsIn(sources)
  const ends = new PageEnds()

  async function* entriesBetween(filter: AuditFilter, after: Position, to: Position): AsyncGenerator<AuditEntry> {
    const [may, matches] = [mayMatch(filter), entryMatches(filter)]
    for await (const event of log.between(after, to, auditedPrefixes(filter), ends.has(after))) {
      const entry = may(event) ? auditEntry(event) : undefined
      if (entry !== undefined && matches(entry)) yield entry
    }
  }

  return ({ from = { position: BEGINNING }, to, ...filter }) =>
    mapStoreErrors(async (): Promise<AuditReport> => {
      const before = await bounds.before(from)
      const until = await bounds.until(to)
      if (to !== undefined && until < before) throw badUserInput([{ path: 'to', message: 'must not be before from' }])
      const window = async (): Promise<TimeWindow> =>
        windowOf({ from: await timed(from, log), to: to && (await timed(to, log)), known: await log.timeAt(until) })
      // Reading the times takes as long as a page.
      let found: Promise<TimeWindow> | undefined
      const times = (): Promise<TimeWindow> => (found ??= window())
      return {
        window: () =>
          mapStoreErrors(async () => {
            const { from: begin, to: end } = await times()
            return { from: asText(begin), to: asText(end), position: until }
          }),
        entries: ({ first, after = BEGINNING }) =>
          mapStoreErrors(() => pageOf(entriesBetween(filter, Math.max(before, after), until), first, ends)),
        summary: () => mapStoreErrors(() => summaryOf(entriesBetween(filter, before, until))),
        availability: page =>
          mapStoreErrors(async () => availabilityOf(history, observed, filter, await times(), page)),
      }
    })
}
