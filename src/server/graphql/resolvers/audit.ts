import type { AuditEntry } from '../../../../projections/audit/entry.ts'
import type { AuditCounts } from '../../../../projections/audit/summary.ts'
import { type AuditAction, parseResourceRef } from '../../../../schemas/audit-vocabulary.ts'
import { badUserInput } from '../../../../schemas/errors.ts'
import type { Position } from '../../../../schemas/events/recorded-event.ts'
import { formatPosition } from '../../../../schemas/events/recorded-event.ts'
import type { AuditPage, AuditReport } from '../../../engine/reports/types.ts'
import type { OperationContext } from '../context.ts'
import { type MomentInput, readMoment } from '../inputs/moment-input.ts'
import { type Optional, omitNulls } from '../inputs/omit-nulls.ts'
import { pageRequest } from '../inputs/page-args.ts'
import { edgeFields, pageFields } from './pages.ts'
import type { Services } from './services.ts'

interface ReportArguments {
  readonly from?: Optional<MomentInput>
  readonly to?: Optional<MomentInput>
  readonly actor?: Optional<string>
  readonly namespace?: Optional<string>
  readonly resource?: Optional<string>
  readonly action?: Optional<readonly AuditAction[]>
}

interface PageArguments<Cursor> {
  readonly first?: Optional<number>
  readonly after?: Optional<Cursor>
}

const resourceAsked = (text: string) => {
  const asked = parseResourceRef(text)
  if (asked !== undefined) return asked
  const message = `${JSON.stringify(text)} is not a resource (its name, or its kind and name, as in listener/backend)`
  throw badUserInput([{ path: 'resource', message }])
}

const summaryFields = {
  changesByActor: ({ changesByActor }: AuditCounts) =>
    changesByActor.counted.map(({ key: actor, count: changes }) => ({ actor, changes })),
  changesByOtherActors: ({ changesByActor }: AuditCounts) => changesByActor.others,
  changesByResource: ({ changesByResource }: AuditCounts) =>
    changesByResource.counted.map(({ key: resource, count: changes }) => ({ resource, changes })),
  changesToOtherResources: ({ changesByResource }: AuditCounts) => changesByResource.others,
  refusalsByActor: ({ refusalsByActor }: AuditCounts) =>
    refusalsByActor.counted.map(({ key, count: refusals }) => ({ ...key, refusals })),
  otherRefusals: ({ refusalsByActor }: AuditCounts) => refusalsByActor.others,
}

const rowsIn = ({ changesByActor, changesByResource, refusalsByActor }: AuditCounts): number =>
  [changesByActor, changesByResource, refusalsByActor].reduce((sum, { counted }) => sum + counted.length, 0)

export const auditResolvers = ({ engine }: Services) => ({
  Query: {
    auditReport: (_: unknown, args: ReportArguments, context: OperationContext) => {
      const { from, to, action: actions, resource, ...filter } = omitNulls(args)
      const window = { from: from && readMoment(from, 'from'), to: to && readMoment(to, 'to') }
      const request = { ...filter, ...window, actions, ...(resource !== undefined && resourceAsked(resource)) }
      return context.inTurn(() => engine.read.audit(request))
    },
  },
  AuditReport: {
    from: async (report: AuditReport) => (await report.window()).from,
    to: async (report: AuditReport) => (await report.window()).to,
    position: async (report: AuditReport) => (await report.window()).position,
    summary: async (report: AuditReport, _: unknown, context: OperationContext) => {
      const counts = await context.inTurn(() => report.summary())
      context.takeRows(rowsIn(counts))
      return counts
    },
    availability: async (report: AuditReport, args: PageArguments<string>, context: OperationContext) => {
      const page = await context.inTurn(() => report.availability(pageRequest(omitNulls(args))))
      context.takeRows(page.rows.length)
      return page
    },
    entries: async (report: AuditReport, args: PageArguments<Position>, context: OperationContext) => {
      const page = await context.inTurn(() => report.entries(pageRequest(omitNulls(args))))
      context.takeRows(page.entries.length)
      return page
    },
  },
  AuditSummary: summaryFields,
  AvailabilityConnection: pageFields,
  AvailabilityEdge: edgeFields,
  AuditEntryConnection: {
    edges: ({ entries }: AuditPage) => entries,
    pageInfo: ({ entries, hasNextPage }: AuditPage) => {
      const last = entries.at(-1)
      return { hasNextPage, endCursor: last && formatPosition(last.position) }
    },
  },
  AuditEntryEdge: {
    cursor: ({ position }: AuditEntry) => position,
    node: (entry: AuditEntry) => entry,
  },
  AuditEntry: { eventType: ({ type }: AuditEntry) => type },
})
