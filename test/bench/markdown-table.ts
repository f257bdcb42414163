import { type Figure, isMet, quantity, scoreOf } from './figure.ts'

const TABLE = /(?<=<!-- bench:begin -->\n)[\s\S]*(?=<!-- bench:end -->)/

const cellsOf = (figure: Figure): string[] => {
  const { name, unit, value, against, bar } = figure
  const wanted = `at ${bar.at} ${bar.of.toLocaleString('en-US')}${against === undefined ? ` ${unit}` : ''}`
  return [
    name,
    `${quantity(value)} ${unit}`.trim(),
    against?.name ?? '',
    against === undefined ? '' : `${quantity(against.value)} ${unit}`,
    against === undefined ? '' : scoreOf(figure).toFixed(2),
    wanted.trimEnd(),
    isMet(figure) ? 'yes' : '**no**',
  ]
}

/** What identifies a row: the figure, and what it is compared with. */
const keyOf = (cells: readonly string[]): string => `${cells[0]} | ${cells[2]}`

const splitRow = (line: string): string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map(cell => cell.trim())

/** The page with these figures in its table; other rows stay, and new ones go to the end. */
export const withFigures = (page: string, figures: readonly Figure[]): string => {
  const [header = '', rule = '', ...rows] = (TABLE.exec(page)?.[0] ?? '').trim().split('\n')
  const table = new Map(rows.map(splitRow).map(cells => [keyOf(cells), cells]))
  for (const cells of figures.map(cellsOf)) table.set(keyOf(cells), cells)
  const lines = [...table.values()].map(cells => `| ${cells.join(' | ')} |`)
  return page.replace(TABLE, () => `\n${[header, rule, ...lines].join('\n')}\n\n`)
}
