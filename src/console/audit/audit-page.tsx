import { useSignal } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import { AuditDocument, type AuditQuery, type AuditQueryVariables } from '../api/generated.ts'
import { request } from '../api/request.ts'
import { useLoad } from '../api/use-query.ts'
import { namespacesWith } from '../api/viewer.ts'
import { type Column, DataTable } from '../components/data-table.tsx'
import { TimeText } from '../components/time-text.tsx'
import { at } from '../routes/navigation.ts'
import { momentOf } from '../routes/route.ts'
import { version } from '../time/log.ts'
import { type AuditFilter, AuditFilters, NO_AUDIT_FILTER } from './audit-filters.tsx'
import { detailsOf } from './export.ts'
import { ExportButtons } from './export-buttons.tsx'
import { RecordState } from './record-state.tsx'

type Report = AuditQuery['auditReport']
type Entry = Report['entries']['edges'][number]['node']

const PAGE = 500
/** As many entries as a table shows; the export has them all. */
const MOST_ENTRIES = 5000

const COLUMNS: readonly Column<Entry>[] = [
  { key: 'time', words: 'Time', value: ({ time }) => time, cell: ({ time }) => <TimeText time={time} /> },
  { key: 'actor', words: 'Actor', value: ({ actor }) => actor },
  {
    key: 'resource',
    words: 'Resource',
    value: ({ resource: { kind, name } }) => `${kind} ${name ?? ''}`,
  },
  { key: 'namespace', words: 'Namespace', value: ({ resource }) => resource.namespace ?? '', isMinor: true },
  { key: 'words', words: 'Action', value: ({ words }) => words },
  { key: 'details', words: 'Details', value: detailsOf, isMinor: true },
  {
    key: 'result',
    words: 'Result',
    value: ({ result }) => result,
    cell: ({ result }) => <span data-result={result}>{result}</span>,
    isMinor: true,
  },
]

const variablesOf = (filter: AuditFilter, namespace: string | undefined): Omit<AuditQueryVariables, 'first'> => {
  const moment = momentOf(at.peek())
  return {
    ...(moment && { to: moment }),
    ...(filter.actor !== '' && { actor: filter.actor }),
    ...(filter.resource !== '' && { resource: filter.resource }),
    ...(filter.action !== '' && { action: [filter.action] }),
    ...(namespace !== undefined && { namespace }),
  }
}

const loadEntries = async (
  filter: AuditFilter,
  most: number,
  stop?: AbortSignal,
): Promise<{ readonly entries: readonly Entry[]; readonly total: number }> => {
  const namespaces = filter.namespace === '' ? (namespacesWith('audit') ?? [undefined]) : [filter.namespace]
  const entries: Entry[] = []
  let total = 0
  for (const namespace of namespaces) {
    const variables = variablesOf(filter, namespace)
    for (let after: string | null = null as string | null; ; ) {
      const page: AuditQueryVariables = { ...variables, first: PAGE, ...(after !== null && { after }) }
      const { auditReport }: AuditQuery = await request(AuditDocument, page, stop)
      if (after === null) total += auditReport.summary.entries
      entries.push(...auditReport.entries.edges.map(({ node }) => node))
      if (!auditReport.entries.pageInfo.hasNextPage || entries.length >= most) break
      after = auditReport.entries.pageInfo.endCursor ?? null
    }
  }
  return { entries, total }
}

export const AuditPage = () => {
  const filter = useSignal(NO_AUDIT_FILTER)
  const { data, error } = useLoad(`${JSON.stringify(filter.value)} ${at.value}`, version.value, stop =>
    loadEntries(filter.peek(), MOST_ENTRIES, stop),
  ).value
  const latestFirst = useMemo(() => data?.entries.toReversed() ?? [], [data])
  return (
    <main class="page table-page" id="main">
      <div class="page-head">
        <h1>Audit</h1>
        {data && <span class="soft">{data.total} entries</span>}
        <AuditFilters filter={filter.value} onFilter={value => (filter.value = value)} />
        <ExportButtons load={() => loadEntries(filter.peek(), Number.POSITIVE_INFINITY)} />
      </div>
      {namespacesWith('audit') === null && <RecordState />}
      {error && (
        <p class="notice" role="alert">
          {error.message}
        </p>
      )}
      {data && data.total > data.entries.length && (
        <p class="soft">The first {data.entries.length} entries are shown; exports have all of them.</p>
      )}
      {data && (
        <DataTable
          label="Audit entries"
          columns={COLUMNS}
          rows={latestFirst}
          keyOf={({ position }) => position}
          search=""
          empty="No entry matches."
        />
      )}
    </main>
  )
}
