import { useSignal } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import { useLoad } from '../api/use-query.ts'
import { namespacesWith } from '../api/viewer.ts'
import { AsOf } from '../components/as-of.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { TimeText } from '../components/time-text.tsx'
import { ActorNote, actorTitle } from '../events/actors.tsx'
import { at } from '../routes/navigation.ts'
import { version } from '../time/log.ts'
import { AuditFilters, NO_AUDIT_FILTER } from './audit-filters.tsx'
import { EntryCard } from './entry-card.tsx'
import { detailsOf } from './export.ts'
import { ExportButtons } from './export-buttons.tsx'
import { type Entry, loadEntries } from './load-entries.ts'
import { RecordState } from './record-state.tsx'

/** As many entries as a table shows; the export has them all. */
const MOST_ENTRIES = 5000
/** Two lines of text. */
const ROW_PX = 52

const columnsOf = (onChoice: (entry: Entry) => void): readonly Column<Entry>[] => [
  {
    key: 'time',
    words: 'Time',
    width: '13%',
    value: ({ time }) => time,
    cell: entry => (
      <button type="button" class="quiet link" title="Show all of this entry" onClick={() => onChoice(entry)}>
        <TimeText time={entry.time} />
      </button>
    ),
  },
  {
    key: 'actor',
    words: 'Actor',
    width: '10%',
    value: ({ actor }) => actor,
    cell: ({ actor }) => <span title={actorTitle(actor)}>{actor}</span>,
  },
  {
    key: 'resource',
    words: 'Resource',
    width: '16%',
    value: ({ resource: { kind, namespace, name } }) => `${kind} ${name ?? ''} ${namespace ?? ''}`,
    cell: ({ resource: { kind, namespace, name } }) => (
      <>
        {kind} {name} <span class="soft below">{namespace}</span>
      </>
    ),
  },
  { key: 'words', words: 'Action', width: '16%', value: ({ words }) => words },
  { key: 'details', words: 'Details', value: detailsOf, isMinor: true },
  {
    key: 'result',
    words: 'Result',
    width: '8%',
    value: ({ result }) => result,
    cell: ({ result }) => <span data-result={result}>{result}</span>,
    isMinor: true,
  },
]

export const AuditPage = () => {
  const filter = useSignal(NO_AUDIT_FILTER)
  const chosen = useSignal<Entry | undefined>(undefined)
  const { data, error } = useLoad(`${JSON.stringify(filter.value)} ${at.value}`, version.value, stop =>
    loadEntries(filter.peek(), MOST_ENTRIES, stop),
  ).value
  const latestFirst = useMemo(() => data?.entries.toReversed() ?? [], [data])
  const actors = useMemo(() => new Set(latestFirst.map(({ actor }) => actor)), [latestFirst])
  const columns = useMemo(() => columnsOf(entry => (chosen.value = entry)), [])
  return (
    <main class="page table-page" id="main">
      <div class="page-head">
        <h1>Audit</h1>
        {data && (
          <span class="soft" title="Changes by users, rejected commands, and reports">
            {data.total} entries
          </span>
        )}
        <AsOf />
        <AuditFilters filter={filter.value} onFilter={value => (filter.value = value)} />
        <ExportButtons load={() => loadEntries(filter.peek(), Number.POSITIVE_INFINITY)} />
      </div>
      {namespacesWith('audit') === null && <RecordState />}
      <ActorNote actors={actors} />
      {error && (
        <p class="notice" role="alert">
          {error.message}
        </p>
      )}
      {data && data.total > data.entries.length && (
        <p class="soft">The oldest {data.entries.length} entries are shown; exports have all of them.</p>
      )}
      {chosen.value && <EntryCard entry={chosen.value} onClose={() => (chosen.value = undefined)} />}
      {data && (
        <DataTable
          label="Audit entries"
          columns={columns}
          rows={latestFirst}
          rowPx={ROW_PX}
          keyOf={({ position }) => position}
          search=""
          empty="No entry matches."
        />
      )}
    </main>
  )
}
