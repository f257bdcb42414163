/** A measured figure and its baseline, from the same run on the same data. */
export interface Figure {
  readonly name: string
  readonly unit: string
  readonly value: number
  readonly against?: { readonly name: string; readonly value: number }
  /** The target for the ratio to the baseline, or for the value if there is none. */
  readonly bar: { readonly at: 'least' | 'most'; readonly of: number }
}

/** The ratio or value that the bar applies to. */
export const scoreOf = ({ value, against }: Figure): number => (against === undefined ? value : value / against.value)

export const isMet = (figure: Figure): boolean => {
  const score = scoreOf(figure)
  return figure.bar.at === 'least' ? score >= figure.bar.of : score <= figure.bar.of
}

/** A number with three significant digits. */
export const quantity = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3)

const COLUMNS = ['FIGURE', 'VALUE', 'AGAINST', 'VALUE', 'RATIO', 'BAR', 'MET']

/** The figures as a text table. */
export const tableOf = (figures: readonly Figure[]): string => {
  const rows = figures.map(figure => [
    figure.name,
    `${quantity(figure.value)} ${figure.unit}`,
    figure.against?.name ?? '',
    figure.against === undefined ? '' : `${quantity(figure.against.value)} ${figure.unit}`,
    figure.against === undefined ? '' : scoreOf(figure).toFixed(2),
    `${figure.bar.at === 'least' ? '>=' : '<='} ${figure.bar.of}`,
    isMet(figure) ? 'yes' : 'NO',
  ])
  const widths = COLUMNS.map((title, column) =>
    Math.max(title.length, ...rows.map(row => (row[column] as string).length)),
  )
  return [COLUMNS, ...rows]
    .map(row =>
      row
        .map((cell, column) => cell.padEnd(widths[column] as number))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
