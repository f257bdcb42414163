import { useSignal } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import { useLoad } from '../api/use-query.ts'
import { namespacesWith } from '../api/viewer.ts'
import { AsOf } from '../components/as-of.tsx'
import { countWords } from '../components/count-words.ts'
import { type Column, DataTable } from '../components/data-table.tsx'
import { isNarrow } from '../components/narrow.ts'
import { ActorNote, actorTitle } from '../events/actors.tsx'
import { shortMessage } from '../events/describe-event.ts'
import { at } from '../routes/navigation.ts'
import { formatClock, formatDate } from '../time/format-time.ts'
import { version, zone } from '../time/log.ts'
import { AuditFilters, NO_AUDIT_FILTER } from './audit-filters.tsx'
import { EntryCard } from './entry-card.tsx'
import { detailsOf } from './export.ts'
import { ExportButtons } from './export-buttons.tsx'
import { type Entry, loadEntries } from './load-entries.ts'
import { RecordState } from './record-state.tsx'

/** As many entries as a table shows; the export has them all. */
const MOST_ENTRIES = 5000
/** Three lines of text. */
const ROW_PX = 52
/** Five lines of smaller text. */
const NARROW_ROW_PX = 88

type OnChoice = (entry: Entry) => void

const dateOf = ({ time }: Entry): string => formatDate(Date.parse(time), zone.value)

/** With the date where it is not that of the row above. */
const timeOf = (onChoice: OnChoice, chosen: Entry | undefined) => (entry: Entry, above: Entry | undefined) => {
  const date = dateOf(entry)
  return (
    <>
      <button
        type="button"
        class="quiet link"
        title={`${date}: show all of this entry`}
        aria-current={entry.position === chosen?.position ? 'true' : undefined}
        onClick={() => onChoice(entry)}
      >
        <time dateTime={entry.time}>{formatClock(Date.parse(entry.time), zone.value)}</time>
      </button>
      {(above === undefined || dateOf(above) !== date) && <span class="soft below">{date}</span>}
    </>
  )
}

const Actor = ({ actor }: Pick<Entry, 'actor'>) => <span title={actorTitle(actor)}>{actor}</span>

const Result = ({ result }: Pick<Entry, 'result'>) => <span data-result={result}>{result}</span>

const resourceText = ({ resource: { kind, namespace, name } }: Entry): string =>
  `${kind} ${name ?? ''} ${namespace ?? ''}`

const resourceOf = ({ resource: { kind, namespace, name } }: Entry) => (
  <>
    <span class="below">{name}</span>{' '}
    <span class="soft below">
      {kind}
      {namespace && ` in ${namespace}`}
    </span>
  </>
)

const wideColumns = (onChoice: OnChoice, chosen: Entry | undefined): readonly Column<Entry>[] => [
  { key: 'time', words: 'Time', width: '10%', value: ({ time }) => time, cell: timeOf(onChoice, chosen) },
  { key: 'actor', words: 'Actor', width: '10%', value: ({ actor }) => actor, cell: Actor },
  { key: 'resource', words: 'Resource', width: '20%', value: resourceText, cell: resourceOf },
  { key: 'words', words: 'Action', width: '16%', value: ({ words }) => words },
  { key: 'details', words: 'Details', value: detailsOf },
  { key: 'result', words: 'Result', width: '8%', value: ({ result }) => result, cell: Result },
]

/** The same in three columns. */
const narrowColumns = (onChoice: OnChoice, chosen: Entry | undefined): readonly Column<Entry>[] => [
  { key: 'time', words: 'Time', width: '27%', value: ({ time }) => time, cell: timeOf(onChoice, chosen) },
  {
    key: 'resource',
    words: 'Who, what',
    width: '31%',
    value: entry => `${entry.actor} ${resourceText(entry)}`,
    cell: entry => (
      <>
        <strong class="below">
          <Actor {...entry} />
        </strong>
        {resourceOf(entry)}
      </>
    ),
  },
  {
    key: 'words',
    words: 'Action, result',
    value: entry => `${entry.words} ${entry.result} ${detailsOf(entry)}`,
    cell: entry => (
      <>
        {entry.words}, <Result {...entry} />
        <span class="below">{shortMessage(detailsOf(entry))}</span>
      </>
    ),
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
  const columns = useMemo(
    () => (isNarrow.value ? narrowColumns : wideColumns)(entry => (chosen.value = entry), chosen.value),
    [isNarrow.value, chosen.value, zone.value],
  )
  return (
    <main class="page table-page" id="main">
      <div class="page-head">
        <h1>Audit</h1>
        {data && (
          <span class="soft" title="Changes by users, rejected commands, and reports">
            {countWords(data.total, 'entry', 'entries')}
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
          rowPx={isNarrow.value ? NARROW_ROW_PX : ROW_PX}
          keyOf={({ position }) => position}
          search=""
          empty="No entry matches."
        />
      )}
    </main>
  )
}
