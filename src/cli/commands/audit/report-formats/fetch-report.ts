import type { AuditAction } from '../../../../../schemas/audit-vocabulary.ts'
import type { Client } from '../../../client/client.ts'
import {
  AuditAvailabilityDocument,
  AuditEntriesDocument,
  AuditSummaryDocument,
  AuditWindowDocument,
} from '../../../client/generated.ts'
import { pages } from '../../../client/pagination.ts'
import type { Moment } from '../../../moment.ts'
import type { Report } from './records.ts'
import { fetchStatement } from './statement.ts'

interface ReportRequest {
  readonly from?: Moment | undefined
  readonly to?: Moment | undefined
  readonly actor?: string | undefined
  readonly namespace?: string | undefined
  readonly resource?: string | undefined
  readonly action?: readonly AuditAction[] | undefined
}

/** Counting or filtering a million entries takes minutes. */
const TIMEOUT_MS = 600_000

const scopeOf = ({ actor, namespace, resource, action }: ReportRequest): string[] =>
  Object.entries({ namespace, actor, resource, action: action?.join(', ') }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name} ${value}`],
  )

interface Fetching {
  readonly onProgress: (done: number, total: number, entries: number) => void
  readonly signal: AbortSignal
  readonly isOfStore?: boolean
}

export const fetchReport = async (
  client: Client,
  request: ReportRequest,
  { onProgress, signal, isOfStore = false }: Fetching,
): Promise<Report> => {
  const options = { timeoutMs: TIMEOUT_MS, signal }
  const { from, to, position } = (await client.request(AuditWindowDocument, request, options)).auditReport
  const upToThere = { ...request, to: { position } }
  const between = { ...request, from: { time: from }, to: { time: to } }

  const covered = { from, to, position, isOfStore, scope: scopeOf(request) }
  return {
    ...covered,
    namespace: request.namespace,
    statement: () => fetchStatement(client, covered, options),
    summary: async () => (await client.request(AuditSummaryDocument, upToThere, options)).auditReport.summary,
    availability: () =>
      pages(
        async after =>
          (await client.request(AuditAvailabilityDocument, { ...between, after }, options)).auditReport.availability,
      ),
    entries: async function* () {
      let begin: number | undefined
      let count = 0
      const all = pages(
        async after =>
          (await client.request(AuditEntriesDocument, { ...upToThere, after }, options)).auditReport.entries,
      )
      for await (const page of all) {
        begin ??= Number(page[0]?.position ?? position)
        count += page.length
        onProgress(Number(page.at(-1)?.position ?? position) - begin, Number(position) - begin, count)
        yield page
      }
    },
  }
}
