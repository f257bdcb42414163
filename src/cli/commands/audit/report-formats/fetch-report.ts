import type { AuditAction } from '../../../../../schemas/audit-vocabulary.ts'
import type { Client, Operation } from '../../../client/client.ts'
import { type Connection, pages } from '../../../client/pagination.ts'
import type { Moment } from '../../../moment.ts'
import type { AvailabilityRecord, EntryRecord, Report, SummaryRecord } from './records.ts'

export interface ReportRequest {
  readonly from?: Moment | undefined
  readonly to?: Moment | undefined
  readonly actor?: string | undefined
  readonly namespace?: string | undefined
  readonly resource?: string | undefined
  readonly action?: readonly AuditAction[] | undefined
}

/** Whoever counts a million events, or looks for a few among them, takes longer than others. */
const PATIENCE_MS = 600_000

const report = (name: string, fields: string, more = ''): string =>
  `query ${name}($from: Moment, $to: Moment, $actor: String, $namespace: String, $resource: String, $action: [AuditAction!]${more}) {
  auditReport(from: $from, to: $to, actor: $actor, namespace: $namespace, resource: $resource, action: $action) { ${fields} }
}`

const WINDOW = report('AuditWindow', 'from to position')

const RESOURCE = 'resource { kind namespace name }'

const SUMMARY = report(
  'AuditSummary',
  `summary {
    entries changes refusals observations
    changesByActor { actor changes } changesByOtherActors
    changesByResource { ${RESOURCE} changes } changesToOtherResources
    refusalsByActor { actor code refusals } otherRefusals
  }`,
)

const AVAILABILITY = report(
  'AuditAvailability',
  `availability(first: 1000, after: $after) {
    edges { node { namespace name fractionReady fractionUnknown transitions } }
    pageInfo { hasNextPage endCursor }
  }`,
  ', $after: String',
)

const ENTRIES = report(
  'AuditEntries',
  `entries(first: 500, after: $after) {
    edges {
      node {
        position time actor via clientAddress action words ${RESOURCE} result message
        changes { field before after }
        refusal { command code asked }
        eventId eventType correlationId causationId commandId
      }
    }
    pageInfo { hasNextPage endCursor }
  }`,
  ', $after: Position',
)

const scopeOf = ({ actor, namespace, resource, action }: ReportRequest): string[] =>
  Object.entries({ namespace, actor, resource, action: action?.join(', ') }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name} ${value}`],
  )

interface Fetching {
  /** Told how far it is: where in the log, of how much of it, and after how many entries. */
  readonly onProgress: (done: number, total: number, entries: number) => void
  readonly signal: AbortSignal
  /** No engine is asked, and the report has no end of its own: it ends with what is known last. */
  readonly isOfStore?: boolean
}

/** Begins a report: its window is fixed from here on, whatever happens meanwhile. */
export const fetchReport = async (
  client: Client,
  request: ReportRequest,
  { onProgress, signal, isOfStore = false }: Fetching,
): Promise<Report> => {
  const ask = async <Part>(operation: Operation): Promise<Part> =>
    (await client.request<{ auditReport: Part }>(operation, { patienceMs: PATIENCE_MS, signal })).auditReport

  const { from, to, position } = await ask<Pick<Report, 'from' | 'to' | 'position'>>({
    query: WINDOW,
    variables: { ...request },
  })
  const upToThere = { ...request, to: { position } }
  const between = { ...request, from: { time: from }, to: { time: to } }

  return {
    from,
    to,
    position,
    isOfStore,
    scope: scopeOf(request),
    namespace: request.namespace,
    summary: async () => (await ask<{ summary: SummaryRecord }>({ query: SUMMARY, variables: upToThere })).summary,
    availability: () =>
      pages(async after => {
        const operation = { query: AVAILABILITY, variables: { ...between, after } }
        return (await ask<{ availability: Connection<AvailabilityRecord> }>(operation)).availability
      }),
    entries: async function* () {
      let begin: number | undefined
      let count = 0
      const all = pages(async after => {
        const operation = { query: ENTRIES, variables: { ...upToThere, after } }
        return (await ask<{ entries: Connection<EntryRecord> }>(operation)).entries
      })
      for await (const page of all) {
        begin ??= Number(page[0]?.position ?? position)
        count += page.length
        onProgress(Number(page.at(-1)?.position ?? position) - begin, Number(position) - begin, count)
        yield page
      }
    },
  }
}
