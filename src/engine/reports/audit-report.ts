import { type AuditEntry, auditEntry } from '../../../projections/audit/entry.ts'
import { AuditSummary } from '../../../projections/audit/summary.ts'
import { badUserInput } from '../../../schemas/errors.ts'
import { BEGINNING, type Position } from '../../../schemas/events/recorded-event.ts'
import { AUDITED_PREFIXES } from '../../../schemas/events/streams.ts'
import type { EventStore } from '../../event-store/event-store.ts'
import { lastPosition } from '../../event-store/last-event.ts'
import type { ReadSide } from '../engine.ts'
import type { History } from '../history/history.ts'
import type { ObservedTime } from '../history/observed-time.ts'
import type { TimeWindow } from '../history/time-travel.ts'
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

export const createAuditReports = ({ store, models, log, history, observed, windowOf }: Sources): ReadSide['audit'] => {
  const ends = new Set<Position>()
  const endPage = (position: Position): void => {
    ends.add(position)
    if (ends.size > MOST_ENDS) ends.delete(ends.values().next().value as Position)
  }

  /** Read models omit rejections. */
  const lastUntil = async (time: number): Promise<Position> => {
    let last = (await history.positionAt(time)) ?? BEGINNING
    for await (const event of log.between(last, Number.POSITIVE_INFINITY, AUDITED_PREFIXES)) {
      if (Date.parse(event.time) > time) break
      last = event.position
    }
    return last
  }

  const beforeMoment = ({ position, time }: MomentRequest): Promise<Position> | Position =>
    position === undefined ? lastUntil(Date.parse(time) - 1) : position - 1

  const untilMoment = async ({ position, time }: MomentRequest): Promise<Position> => {
    if (position === undefined) return lastUntil(Date.parse(time))
    return position <= models.position ? position : Math.min(position, await lastPosition(store, AUDITED_PREFIXES))
  }

  const timed = async (moment: MomentRequest): Promise<MomentRequest> => {
    const time = moment.position === undefined ? undefined : await log.timeAt(moment.position)
    return time === undefined ? moment : { time: asText(time) }
  }

  async function* entriesBetween(filter: AuditFilter, after: Position, to: Position): AsyncGenerator<AuditEntry> {
    const [may, matches] = [mayMatch(filter), entryMatches(filter)]
    for await (const event of log.between(after, to, auditedPrefixes(filter), ends.has(after))) {
      const entry = may(event) ? auditEntry(event) : undefined
      if (entry !== undefined && matches(entry)) yield entry
    }
  }

  const pageOf = async (entries: AsyncIterable<AuditEntry>, first: number): Promise<AuditPage> => {
    const page: AuditEntry[] = []
    let hasNextPage = false
    for await (const entry of entries) {
      hasNextPage = page.length === first
      if (hasNextPage) break
      page.push(entry)
    }
    const last = page.at(-1)
    if (hasNextPage && last !== undefined) endPage(last.position)
    return { entries: page, hasNextPage }
  }

  const summaryOf = async (entries: AsyncIterable<AuditEntry>) => {
    const summary = new AuditSummary()
    for await (const entry of entries) summary.add(entry)
    return summary.counts
  }

  return ({ from = { position: BEGINNING }, to, ...filter }) =>
    mapStoreErrors(async (): Promise<AuditReport> => {
      const [before, until] = [
        await beforeMoment(from),
        await (to === undefined ? lastPosition(store, AUDITED_PREFIXES) : untilMoment(to)),
      ]
      if (to !== undefined && until < before) throw badUserInput([{ path: 'to', message: 'must not be before from' }])
      // Reading the times takes as long as a page.
      let found: Promise<TimeWindow> | undefined
      const times = (): Promise<TimeWindow> => {
        found ??= (async () =>
          windowOf({ from: await timed(from), to: to && (await timed(to)), known: await log.timeAt(until) }))()
        return found
      }
      return {
        window: () =>
          mapStoreErrors(async () => {
            const { from: begin, to: end } = await times()
            return { from: asText(begin), to: asText(end), position: until }
          }),
        entries: ({ first, after = BEGINNING }) =>
          mapStoreErrors(() => pageOf(entriesBetween(filter, Math.max(before, after), until), first)),
        summary: () => mapStoreErrors(() => summaryOf(entriesBetween(filter, before, until))),
        availability: page =>
          mapStoreErrors(async () => availabilityOf(history, observed, filter, await times(), page)),
      }
    })
}
