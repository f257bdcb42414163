import { difference } from '../../projections/difference.ts'
import type { Change, TableDefinition } from '../../projections/table.ts'
import type { Position } from '../../schemas/recorded-event.ts'

/** What an event made of a row, in one character: the row whole, what differs from the one before, or that it is gone. */
export const MARK = { whole: '=', different: '~', gone: '-' } as const
export type Mark = (typeof MARK)[keyof typeof MARK]

/** A row as it was from a position on, until its next version. */
export interface RowVersion {
  readonly key: string
  readonly position: Position
  readonly mark: Mark
  /** JSON; empty for a row that is gone. */
  readonly body: string
}

/** An index files a row under this value, from some version of it on. */
export interface Filing {
  readonly index: string
  readonly value: string
  readonly key: string
}

/** The versions of one table's rows that are not written down yet, oldest first. */
export class NewVersions<Row> {
  readonly versions: RowVersion[] = []
  readonly filings: Filing[] = []
  readonly #definition: TableDefinition<Row>

  constructor(definition: TableDefinition<Row>) {
    this.#definition = definition
  }

  /** What could not be written is to be written first. */
  putBefore({ versions, filings }: NewVersions<Row>): void {
    this.versions.unshift(...versions)
    this.filings.unshift(...filings)
  }

  note(
    position: Position,
    { key, before, after }: Pick<Change<{ row: Row }, 'row'>, 'key' | 'before' | 'after'>,
  ): void {
    const add = (mark: Mark, body: string) => this.versions.push({ key, position, mark, body })
    if (after === undefined) {
      if (before !== undefined) add(MARK.gone, '')
      return
    }
    if (before === undefined) add(MARK.whole, JSON.stringify(after))
    else {
      const patch = difference(before as object, after as object)
      if (patch === undefined) return
      add(MARK.different, JSON.stringify(patch))
    }
    for (const [index, filedUnder] of Object.entries(this.#definition.indexes ?? {})) {
      const value = filedUnder(after)
      if (value !== undefined && (before === undefined || filedUnder(before) !== value))
        this.filings.push({ index, value, key })
    }
  }
}

const FIELDS = 4

/** Versions as one text: see `toLines` of written rows. */
export const versionsToLines = (versions: readonly RowVersion[]): string =>
  versions.map(({ key, position, mark, body }) => `${JSON.stringify(key)}\n${position}\n${mark}\n${body}`).join('\n')

export function* versionsFromLines(lines: string): Iterable<RowVersion> {
  const parts = lines.split('\n')
  for (let at = 0; at + FIELDS <= parts.length; at += FIELDS) {
    yield {
      key: JSON.parse(parts[at] as string),
      position: Number(parts[at + 1]),
      mark: parts[at + 2] as Mark,
      body: parts[at + 3] as string,
    }
  }
}
