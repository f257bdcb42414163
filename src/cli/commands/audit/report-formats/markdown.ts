import { printable } from '../../../../lib/printable.ts'
import type { Report } from './records.ts'
import { statementRows } from './statement.ts'
import {
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

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/** Escapes markup and prevents automatic links. */
export const escapedCell = (text: string): string =>
  printable(text)
    .replace(/[\\`*_[\]|~$]/g, '\\$&')
    .replace(/:(?=\/\/)|(?<=\bwww)\./gi, '\\$&')
    .replace(/[&<>]/g, character => ENTITIES[character] as string)

const row = (cells: readonly string[]): string => `| ${cells.map(escapedCell).join(' | ')} |\n`

const head = (columns: readonly string[], numbers = 0): string => {
  const rules = columns.map((_, index) => (index >= columns.length - numbers ? '---:' : '---'))
  return `${row(columns)}| ${rules.join(' | ')} |\n`
}

const list = (rows: readonly (readonly [string, string])[]): string =>
  rows.map(([label, text]) => `- **${label}**: ${escapedCell(text)}\n`).join('')

async function* availability({ availability }: Report): AsyncGenerator<string> {
  let begun = false
  for await (const page of availability()) {
    if (page.length > 0 && !begun)
      yield `\n## Availability of listeners\n\n${head(['Namespace', 'Listener', 'Ready', 'Unknown', 'Not observed', 'Transitions'], 4)}`
    begun ||= page.length > 0
    yield page
      .map(({ namespace, name, fractionReady, fractionUnknown, fractionNotObserved, transitions }) =>
        row([
          namespace,
          name,
          ...[fractionReady, fractionUnknown, fractionNotObserved].map(percent),
          String(transitions),
        ]),
      )
      .join('')
  }
}

export async function* markdown(report: Report): AsyncGenerator<string> {
  const summary = await report.summary()
  yield `# Audit report\n\n${escapedCell(windowText(report))}, up to position ${positionText(report.position)}; ${escapedCell(scopeText(report))}\n\n${totalsText(summary)}\n`
  for (const { title, columns, rows } of countTables(summary))
    yield `\n## ${title}\n\n${head(columns, 1)}${rows.map(({ cells, count }) => row([...cells, String(count)])).join('')}`
  yield* availability(report)
  yield `\n## Entries\n\n${head(['Time', 'Position', 'Actor', 'Namespace', 'Resource', 'Action', 'Result', 'Change'])}`
  for await (const page of report.entries())
    yield page
      .map(entry => {
        const { time, position, actor, resource, words, result } = entry
        const where = [resource.namespace ?? '', resourceText(resource)]
        return row([time, positionText(position), actor, ...where, words, result, changesText(entry)])
      })
      .join('')
  yield `\n${list(LEGEND)}\n## Statement\n\n${list(statementRows(report, await report.statement()))}`
}
