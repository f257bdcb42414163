import { escapeHtml } from '../../../../lib/printable.ts'
import { HTML_STYLE } from './html-style.ts'
import type { AvailabilityRecord, EntryRecord, Report, SummaryRecord } from './records.ts'
import { statementRows } from './statement.ts'
import {
  changesText,
  countTables,
  fieldText,
  isNew,
  LEGEND,
  percent,
  positionText,
  resourceText,
  scopeText,
  valueText,
  windowText,
} from './texts.ts'

/** Blocks scripts and external resources, including injected ones. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'"

const element = (tag: string, text: string, className?: string): string =>
  `<${tag}${className === undefined ? '' : ` class="${className}"`}>${escapeHtml(text)}</${tag}>`

const total = (count: number, what: string): string =>
  `<div><b>${count.toLocaleString('en-US')}</b>${element('span', what)}</div>`

const totals = ({ entries, changes, refusals, observations }: SummaryRecord): string =>
  `<section class="totals">${total(entries, 'entries')}${total(changes, 'changes')}${total(refusals, 'refusals')}${total(observations, 'observations')}</section>\n`

const counts = (summary: SummaryRecord): string =>
  countTables(summary)
    .map(({ title, columns, rows }) => {
      const head = columns.map((column, index) =>
        element('th', column, index === columns.length - 1 ? 'number' : undefined),
      )
      const body = rows.map(
        ({ cells, count }) =>
          `<tr>${cells.map(cell => element('td', cell)).join('')}${element('td', String(count), 'number')}</tr>\n`,
      )
      return `<section>${element('h2', title)}<table><thead><tr>${head.join('')}</tr></thead><tbody>\n${body.join('')}</tbody></table></section>\n`
    })
    .join('')

const definitions = (rows: readonly (readonly [string, string])[]): string =>
  `<dl>${rows.map(([label, text]) => `${element('dt', label)}${element('dd', text)}`).join('')}</dl>`

const width = (share: number): string => (100 * share).toFixed(2)

const availabilityRow = (row: AvailabilityRecord): string => {
  const { namespace, name, fractionReady, fractionUnknown, fractionNotObserved, transitions } = row
  const bar = `<div class="bar"><i class="ready" style="width:${width(fractionReady)}%"></i><i class="unknown" style="width:${width(fractionUnknown)}%"></i></div>`
  const numbers = [...[fractionReady, fractionUnknown, fractionNotObserved].map(percent), String(transitions)]
  return `<tr>${element('td', namespace)}${element('td', name)}<td>${bar}</td>${numbers.map(text => element('td', text, 'number')).join('')}</tr>\n`
}

const AVAILABILITY_HEAD = `<section class="availability">${element('h2', 'Availability of listeners')}<table><thead><tr><th>Namespace</th><th>Listener</th><th>Share of time</th><th class="number">Ready</th><th class="number">Unknown</th><th class="number">Not observed</th><th class="number">Transitions</th></tr></thead><tbody>\n`

async function* availability({ availability }: Report): AsyncGenerator<string> {
  let begun = false
  for await (const page of availability()) {
    if (page.length === 0) continue
    yield `${begun ? '' : AVAILABILITY_HEAD}${page.map(availabilityRow).join('')}`
    begun = true
  }
  if (begun) yield '</tbody></table></section>\n'
}

const changesCell = (entry: EntryRecord): string => {
  const { changes, action } = entry
  if (changes.length === 0 || (action !== 'update' && isNew(changes))) return escapeHtml(changesText(entry))
  return changes
    .map(
      ({ field, before, after }) =>
        `<div>${element('span', fieldText(field), 'field')} ${element('del', valueText(before))} → ${element('ins', valueText(after))}</div>`,
    )
    .join('')
}

/** Omits `agent`: the actor is then the agent itself. */
const wayOf = ({ via, clientAddress }: EntryRecord): string =>
  [via === 'agent' ? null : via, clientAddress].filter(part => part !== null).join(', ')

const entryRow = (entry: EntryRecord): string => {
  const { time, position, actor, resource, words, result } = entry
  const [day = '', clock = ''] = time.split('T')
  const cells = [
    `<td class="time">${element('span', day)} ${element('span', clock)}</td>`,
    element('td', positionText(position), 'number'),
    `<td>${escapeHtml(actor)}${element('small', wayOf(entry))}</td>`,
    `<td>${escapeHtml(resourceText(resource))}${element('small', resource.namespace ?? '')}</td>`,
    element('td', words),
    `<td>${element('span', result, `result ${result.toLowerCase()}`)}</td>`,
    `<td>${changesCell(entry)}</td>`,
  ]
  return `<tr>${cells.join('')}</tr>\n`
}

const ENTRIES_HEAD = `<section class="entries">${element('h2', 'Entries')}<table><thead><tr><th>Time</th><th class="number">Position</th><th>Actor</th><th>Resource</th><th>Action</th><th>Result</th><th>Change</th></tr></thead><tbody>\n`

export async function* html(report: Report): AsyncGenerator<string> {
  const { position } = report
  const title = `Audit report: ${scopeText(report)}`
  yield `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta http-equiv="Content-Security-Policy" content="${POLICY}">
${element('title', title)}<style>${HTML_STYLE}</style></head><body>
<header>${element('h1', title)}${element('p', `${windowText(report)}, up to position ${positionText(position)}. Times are in UTC.`)}</header>
`
  const summary = await report.summary()
  yield `${totals(summary)}<div class="counts">${counts(summary)}</div>\n`
  yield* availability(report)
  yield ENTRIES_HEAD
  for await (const page of report.entries()) yield page.map(entryRow).join('')
  yield `</tbody></table>${definitions(LEGEND)}</section>\n`
  const statement = statementRows(report, await report.statement())
  yield `<section class="statement">${element('h2', 'Statement')}${definitions(statement)}</section>\n</body></html>\n`
}
