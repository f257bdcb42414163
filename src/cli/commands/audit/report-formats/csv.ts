import { csvCell } from '../../../../lib/csv-cell.ts'
import type { EntryRecord, Report } from './records.ts'
import { positionText } from './texts.ts'

const asJson = (value: unknown): string => (value === undefined || value === null ? '' : JSON.stringify(value))

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

/** RFC 4180 requires CRLF. */
const line = (cells: readonly string[]): string => `${cells.join(',')}\r\n`

export async function* csv({ entries }: Report): AsyncGenerator<string> {
  yield line(Object.keys(COLUMNS))
  const columns = Object.values(COLUMNS)
  for await (const page of entries())
    yield page.map(entry => line(columns.map(column => csvCell(column(entry) ?? '')))).join('')
}
