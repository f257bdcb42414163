import { printable } from '../../../../lib/printable.ts'
import { heading } from '../../../output/colour.ts'
import { type Column, Table } from '../../../output/table.ts'
import type { AvailabilityRecord, EntryRecord, Report } from './records.ts'
import { statementRows } from './statement.ts'
import {
  type CountTable,
  changesText,
  countTables,
  LEGEND,
  percent,
  positionText,
  resourceText,
  scopeText,
  totalsText,
  windowText,
} from './texts.ts'

const MOST_COUNTS = 20
const WIDEST = 40

const clipped = (text: string): string => (text.length <= WIDEST ? text : `${text.slice(0, WIDEST - 1)}…`)

const NAMESPACE: Column<EntryRecord> = {
  title: 'NAMESPACE',
  value: ({ resource }) => clipped(resource.namespace ?? ''),
}

const ENTRIES: readonly Column<EntryRecord>[] = [
  { title: 'RESOURCE', value: ({ resource }) => clipped(resourceText(resource)) },
  { title: 'ACTION', value: ({ words }) => clipped(words) },
  { title: 'RESULT', value: ({ result }) => result },
  { title: 'CHANGE', value: changesText },
]

const WHO: readonly Column<EntryRecord>[] = [
  { title: 'TIME', value: ({ time }) => time },
  { title: 'POSITION', value: ({ position }) => positionText(position) },
  { title: 'ACTOR', value: ({ actor }) => clipped(actor) },
]

const AVAILABILITY: readonly Column<AvailabilityRecord>[] = [
  { title: 'NAMESPACE', value: ({ namespace }) => namespace },
  { title: 'LISTENER', value: ({ name }) => name },
  { title: 'READY', value: ({ fractionReady }) => percent(fractionReady) },
  { title: 'UNKNOWN', value: ({ fractionUnknown }) => percent(fractionUnknown) },
  { title: 'NOT-OBSERVED', value: ({ fractionNotObserved }) => percent(fractionNotObserved) },
  { title: 'TRANSITIONS', value: ({ transitions }) => transitions },
]

const joined = (lines: readonly string[]): string => lines.map(line => `${line}\n`).join('')

const countLines = ({ title, columns, rows }: CountTable): string[] => {
  const shown: Column<CountTable['rows'][number]>[] = columns.map((column, index) => ({
    title: column.toUpperCase(),
    value: ({ cells, count }) => clipped(cells[index] ?? String(count)),
  }))
  const left = rows.length - MOST_COUNTS
  return [
    heading(title),
    ...new Table(shown).lines(rows.slice(0, MOST_COUNTS)),
    ...(left > 0 ? [`… and ${left} more`] : []),
    '',
  ]
}

const labelled = (rows: readonly (readonly [string, string])[]): string[] => {
  const widest = Math.max(...rows.map(([label]) => label.length))
  return rows.map(([label, text]) => `${label.padEnd(widest)}   ${printable(text)}`)
}

async function* section<Row>(
  title: string,
  columns: readonly Column<Row>[],
  pages: AsyncIterable<readonly Row[]>,
): AsyncGenerator<string> {
  const table = new Table(columns)
  let begun = false
  for await (const rows of pages) {
    if (rows.length === 0) continue
    yield joined([...(begun ? [] : [heading(title)]), ...table.lines(rows)])
    begun = true
  }
}

export async function* table(report: Report): AsyncGenerator<string> {
  const summary = await report.summary()
  yield joined([
    heading('Audit report'),
    `${windowText(report)}, up to position ${positionText(report.position)}; ${scopeText(report)}`,
    totalsText(summary),
    '',
    ...countTables(summary).flatMap(countLines),
  ])
  let hasListeners = false
  for await (const part of section('Availability of listeners', AVAILABILITY, report.availability())) {
    hasListeners = true
    yield part
  }
  if (hasListeners) yield '\n'
  const columns = [...WHO, ...(report.namespace === undefined ? [NAMESPACE] : []), ...ENTRIES]
  let hasEntries = false
  for await (const part of section('Entries', columns, report.entries())) {
    hasEntries = true
    yield part
  }
  if (hasEntries) yield joined(['', heading('Results'), ...labelled(LEGEND)])
  yield joined(['', heading('Statement'), ...labelled(statementRows(report, await report.statement()))])
}
