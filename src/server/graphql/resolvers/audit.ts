import type { AuditEntry } from '../../../../projections/audit/entry.ts'
import type { AuditCounts } from '../../../../projections/audit/summary.ts'
import { parseResourceRef } from '../../../../schemas/audit-vocabulary.ts'
import { badUserInput } from '../../../../schemas/errors.ts'
import type { AuditPage, AuditReport } from '../../../engine/reports/types.ts'
import type { OperationContext } from '../context.ts'
import type { AuditReportAvailabilityArgs, AuditReportEntriesArgs, QueryAuditReportArgs } from '../generated.ts'
import { omitNulls, pageRequest, readMoment } from '../inputs.ts'
import { edgeFields, pageFields, positionEdgeFields, positionPageInfo, type ResolverServices } from './shared.ts'

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
      const page = await context.read(() => report.availability(pageRequest(omitNulls(args))))
      context.countRows(page.rows.length)
      return page
    },
    entries: async (report: AuditReport, args: AuditReportEntriesArgs, context: OperationContext) => {
      const page = await context.read(() => report.entries(pageRequest(omitNulls(args))))
      context.countRows(page.entries.length)
      return page
    },
  },
  AuditSummary: summaryFields,
  AvailabilityConnection: pageFields,
  AvailabilityEdge: edgeFields,
  AuditEntryConnection: {
    edges: ({ entries }: AuditPage) => entries,
    pageInfo: ({ entries, hasNextPage }: AuditPage) => positionPageInfo(entries, hasNextPage),
  },
  AuditEntryEdge: positionEdgeFields,
  AuditEntry: { eventType: ({ type }: AuditEntry) => type },
})
