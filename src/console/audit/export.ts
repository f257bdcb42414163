import { csvCell } from '../../lib/csv-cell.ts'
import { escapeHtml } from '../../lib/printable.ts'

export interface ExportedEntry {
  readonly position: string
  readonly time: string
  readonly actor: string
  readonly via: string | null
  readonly clientAddress: string | null
  readonly action: string
  readonly words: string
  readonly resource: { readonly kind: string; readonly namespace: string | null; readonly name: string | null }
  readonly changes: readonly { readonly field: string; readonly before: unknown; readonly after: unknown }[]
  readonly result: string
  readonly message: string | null
}

const COLUMNS = [
  'time',
  'position',
  'actor',
  'via',
  'address',
  'action',
  'kind',
  'namespace',
  'name',
  'result',
  'details',
]

const text = (value: unknown): string =>
  value === null || value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value)

const changed = (value: unknown): string => (Array.isArray(value) ? value.map(text).join(', ') : text(value))

export const detailsOf = ({ changes, message }: Pick<ExportedEntry, 'changes' | 'message'>): string =>
  [
    ...changes.map(({ field, before, after }) => {
      const name = field
        .replace(/^spec\./, '')
        .replace(/^strategy\.(\w+)\.routingKeys\.?/, '$1 routing keys ')
        .trim()
      return before === null || before === undefined
        ? `${name} ${changed(after)}`
        : `${name} ${changed(before)} → ${changed(after)}`
    }),
    ...(message ? [message] : []),
  ].join(', ')

const cellsOf = (entry: ExportedEntry): readonly string[] => [
  entry.time,
  entry.position,
  entry.actor,
  text(entry.via),
  text(entry.clientAddress),
  entry.action,
  entry.resource.kind,
  text(entry.resource.namespace),
  text(entry.resource.name),
  entry.result,
  detailsOf(entry),
]

export const toCsv = (entries: readonly ExportedEntry[]): string =>
  [COLUMNS, ...entries.map(cellsOf)].map(cells => `${cells.map(csvCell).join(',')}\r\n`).join('')

export const toHtml = (entries: readonly ExportedEntry[], title: string): string => {
  const row = (cells: readonly string[], tag: 'td' | 'th'): string =>
    `<tr>${cells.map(cell => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('')}</tr>`
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title>
<style>body{font:14px system-ui,sans-serif}table{border-collapse:collapse}th,td{padding:4px 8px;border:1px solid #ccc;text-align:left;vertical-align:top}</style></head>
<body><h1>${escapeHtml(title)}</h1>
<table><thead>${row(COLUMNS, 'th')}</thead>
<tbody>
${entries.map(entry => row(cellsOf(entry), 'td')).join('\n')}
</tbody></table></body></html>
`
}

export const toJson = (entries: readonly ExportedEntry[]): string => `${JSON.stringify(entries, null, 2)}\n`
