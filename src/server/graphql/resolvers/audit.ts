import type { AuditEntry } from '../../../../projections/audit/entry.ts'
import type { AuditCounts } from '../../../../projections/audit/summary.ts'
import { parseResourceRef } from '../../../../schemas/audit-vocabulary.ts'
import { badUserInput } from '../../../../schemas/errors.ts'
import type { AuditPage, AuditReport } from '../../../engine/reports/types.ts'
import type { OperationContext } from '../context.ts'
import type { AuditReportAvailabilityArgs, AuditReportEntriesArgs, QueryAuditReportArgs } from '../generated.ts'
import { omitNulls, pageRequest, readMoment } from '../inputs.ts'
import {
  edgeFields,
  isAt,
  isBeyond,
  type Lazy,
  pageFields,
  positionEdgeFields,
  positionPageInfo,
  type ResolverServices,
  type RowPage,
} from './shared.ts'

interface EntriesOnPage extends AuditPage {
  readonly hasPreviousPage: Lazy
}

const readResource = (text: string) => {
  const resource = parseResourceRef(text)
  if (resource !== undefined) return resource
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

export const auditResolvers = ({ engine }: ResolverServices) => ({
  Query: {
    auditReport: (_: unknown, args: QueryAuditReportArgs, context: OperationContext) => {
      const { from, to, action: actions, resource, ...filter } = omitNulls(args)
      const window = { from: from && readMoment(from, 'from'), to: to && readMoment(to, 'to') }
      const request = { ...filter, ...window, actions, ...(resource !== undefined && readResource(resource)) }
      return context.read(() => engine.read.audit(request))
    },
  },
  AuditReport: {
    from: async (report: AuditReport) => (await report.window()).from,
    to: async (report: AuditReport) => (await report.window()).to,
    position: async (report: AuditReport) => (await report.window()).position,
    summary: async (report: AuditReport, _: unknown, context: OperationContext) => {
      const counts = await context.read(() => report.summary())
      context.countRows(rowsIn(counts))
      return counts
    },
    availability: async (report: AuditReport, args: AuditReportAvailabilityArgs, context: OperationContext) => {
      const request = pageRequest(omitNulls(args))
      const { rows, hasNextPage } = await context.read(() => report.availability(request))
      context.countRows(rows.length)
      const firstOfAll = () => context.read(async () => (await report.availability({ first: 1 })).rows[0])
      const hasPreviousPage = isBeyond(request.after, firstOfAll, ({ cursor }) => cursor === rows[0]?.cursor)
      return { rows, hasNextPage, hasPreviousPage } satisfies RowPage
    },
    entries: async (report: AuditReport, args: AuditReportEntriesArgs, context: OperationContext) => {
      const request = pageRequest(omitNulls(args))
      const { entries, hasNextPage } = await context.read(() => report.entries(request))
      context.countRows(entries.length)
      const firstOfAll = () => context.read(async () => (await report.entries({ first: 1 })).entries[0])
      return { entries, hasNextPage, hasPreviousPage: isBeyond(request.after, firstOfAll, isAt(entries[0])) }
    },
  },
  AuditSummary: summaryFields,
  AvailabilityConnection: pageFields,
  AvailabilityEdge: edgeFields,
  AuditEntryConnection: {
    edges: ({ entries }: EntriesOnPage) => entries,
    pageInfo: ({ entries, hasNextPage, hasPreviousPage }: EntriesOnPage) =>
      positionPageInfo(entries, hasNextPage, hasPreviousPage),
  },
  AuditEntryEdge: positionEdgeFields,
  AuditEntry: { eventType: ({ type }: AuditEntry) => type },
})
