import { printable } from '../../lib/printable.ts'
import { widthOf } from './width.ts'

export interface Column<Row> {
  readonly title: string
  value(row: Row): string | number | boolean | null | undefined
  readonly colour?: (text: string) => string
}

const GAP = '   '
const NOTHING = '<none>'

const cellText = (value: ReturnType<Column<unknown>['value']>): string =>
  value === undefined || value === null ? NOTHING : printable(String(value))

export class Table<Row> {
  readonly #columns: readonly Column<Row>[]
  readonly #widths: number[]
  #begun: boolean

  constructor(columns: readonly Column<Row>[], { titles = true }: { readonly titles?: boolean } = {}) {
    this.#columns = columns
    this.#begun = !titles
    this.#widths = columns.map(({ title }) => (titles ? title.length : 0))
  }

  lines(rows: readonly Row[]): string[] {
    const cells = rows.map(row => this.#columns.map(column => cellText(column.value(row))))
    for (const row of cells) {
      row.slice(0, -1).forEach((text, index) => {
        this.#widths[index] = Math.max(this.#widths[index] as number, widthOf(text))
      })
    }
    const lines = cells.map(row => this.#line(row, (text, column) => column.colour?.(text) ?? text))
    if (this.#begun) return lines
    this.#begun = true
    const titles = this.#columns.map(({ title }) => title)
    return [this.#line(titles, text => text), ...lines]
  }

  #line(cells: readonly string[], colour: (text: string, column: Column<Row>) => string): string {
    return this.#columns
      .map((column, index) => {
        const text = cells[index] as string
        const last = index === this.#columns.length - 1
        return colour(text, column) + (last ? '' : ' '.repeat((this.#widths[index] as number) - widthOf(text)))
      })
      .join(GAP)
      .trimEnd()
  }
}
