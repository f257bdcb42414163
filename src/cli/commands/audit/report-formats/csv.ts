import { printable } from '../../../output/text.ts'
import type { EntryRecord, Report } from './records.ts'
import { positionText } from './texts.ts'

/**
 * What a spreadsheet takes for the beginning of a formula, its full-width forms included, behind blanks and quotes of any kind;
 * and what would be taken for a sign of ours.
 */
const FORMULA = /^[\s\p{Cf}"]*['=+\-@＝＋－＠]/u
/** Where commas do not separate cells, these may: behind them a cell of its own would begin. */
const FORMULA_INSIDE = /([;|][\s\p{Cf}"]*)(?=['=+\-@＝＋－＠])/gu

/**
 * A cell by RFC 4180 that no spreadsheet computes: where one would, an apostrophe says that it is a text. Without the
 * apostrophes it is what it was.
 */
export const csvCell = (text: string): string => {
  const line = printable(text).replace(FORMULA_INSIDE, "$1'")
  const safe = FORMULA.test(line) ? `'${line}` : line
  return /[",;|]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

const asJson = (value: unknown): string => (value === undefined || value === null ? '' : JSON.stringify(value))

/** What the fields were, or are, by name; those that were not there are left out. */
const valuesOf = ({ changes }: EntryRecord, side: 'before' | 'after'): string => {
  const values = changes.filter(change => change[side] !== null).map(change => [change.field, change[side]])
  return values.length === 0 ? '' : JSON.stringify(Object.fromEntries(values))
}

const COLUMNS: Readonly<Record<string, (entry: EntryRecord) => string | null | undefined>> = {
  time: ({ time }) => time,
  position: ({ position }) => positionText(position),
  actor: ({ actor }) => actor,
  via: ({ via }) => via,
  clientAddress: ({ clientAddress }) => clientAddress,
  action: ({ action }) => action,
  words: ({ words }) => words,
  namespace: ({ resource }) => resource.namespace,
  kind: ({ resource }) => resource.kind,
  name: ({ resource }) => resource.name,
  result: ({ result }) => result,
  before: entry => valuesOf(entry, 'before'),
  after: entry => valuesOf(entry, 'after'),
  code: ({ refusal }) => refusal?.code,
  message: ({ message }) => message,
  asked: ({ refusal }) => asJson(refusal?.asked),
  eventType: ({ eventType }) => eventType,
  eventId: ({ eventId }) => eventId,
  correlationId: ({ correlationId }) => correlationId,
  commandId: ({ commandId }) => commandId,
}

/** RFC 4180 has lines end so, and spreadsheets on every system take it. */
const line = (cells: readonly string[]): string => `${cells.join(',')}\r\n`

/** Entries alone, one a line below the names of the columns. */
export async function* csv({ entries }: Report): AsyncGenerator<string> {
  yield line(Object.keys(COLUMNS))
  const columns = Object.values(COLUMNS)
  for await (const page of entries())
    yield page.map(entry => line(columns.map(column => csvCell(column(entry) ?? '')))).join('')
}
