import { difference } from '../../projections/difference.ts'
import type { Change, TableDefinition } from '../../projections/table.ts'
import type { HarkEvent } from '../../schemas/events.ts'
import type { Position } from '../../schemas/recorded-event.ts'

/** What an event made of a row, in one character: the row whole, what differs from the one before, or that it is gone. */
export const MARK = { whole: '=', different: '~', gone: '-' } as const
export type Mark = (typeof MARK)[keyof typeof MARK]

/** A row as it was from a position on, until its next version. */
export interface RowVersion {
  readonly key: string
  readonly position: Position
  /** When the event was recorded that made it so, RFC 3339. */
  readonly time: string
  readonly mark: Mark
  /** JSON; empty for a row that is gone. */
  readonly body: string
}

/** A version that waits to be written down. A whole row is there as it is: turned into JSON it would be there twice. */
export interface NewVersion extends Omit<RowVersion, 'body'> {
  readonly body: string | object
}

/** An index files a row under this value, from some version of it on. */
export interface Filing {
  readonly index: string
  readonly value: string
  readonly key: string
}

/** The versions of one table's rows that are not written down yet: those of a row together, as they are on disk. */
export class NewVersions<Row> {
  #byKey = new Map<string, NewVersion[]>()
  #count = 0
  filings: Filing[] = []
  readonly #indexes: readonly (readonly [string, (row: Row) => string | undefined])[]

  constructor({ indexes = {}, history }: TableDefinition<Row>) {
    this.#indexes = Object.entries(indexes).filter(([name]) => history?.indexes.includes(name))
  }

  get count(): number {
    return this.#count
  }

  /** Of each row oldest first. */
  *versions(): Iterable<NewVersion> {
    for (const versions of this.#byKey.values()) yield* versions
  }

  /** What could not be written is to be written first. */
  putBefore(before: NewVersions<Row>): void {
    const since = this.#byKey
    this.#byKey = before.#byKey
    for (const [key, versions] of since) this.#byKey.set(key, [...(this.#byKey.get(key) ?? []), ...versions])
    this.#count += before.#count
    this.filings = [...before.filings, ...this.filings]
  }

  #add(version: NewVersion): void {
    const versions = this.#byKey.get(version.key)
    if (versions === undefined) this.#byKey.set(version.key, [version])
    else versions.push(version)
    this.#count += 1
  }

  note(
    { position, time }: Pick<HarkEvent, 'position' | 'time'>,
    { key, before, after }: Pick<Change<{ row: Row }, 'row'>, 'key' | 'before' | 'after'>,
  ): void {
    const add = (mark: Mark, body: string | object) => this.#add({ key, position, time, mark, body })
    if (after === undefined) {
      if (before !== undefined) add(MARK.gone, '')
      return
    }
    if (before === undefined) add(MARK.whole, after as object)
    else {
      const patch = difference(before as object, after as object)
      if (patch === undefined) return
      add(MARK.different, JSON.stringify(patch))
    }
    for (const [index, filedUnder] of this.#indexes) {
      const value = filedUnder(after)
      if (value !== undefined && (before === undefined || filedUnder(before) !== value))
        this.filings.push({ index, value, key })
    }
  }
}

const FIELDS = 5

/** Versions as one text: see `toLines` of written rows. */
export const versionsToLines = (versions: readonly NewVersion[]): string =>
  versions
    .map(({ key, position, time, mark, body }) => {
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      return `${JSON.stringify(key)}\n${position}\n${time}\n${mark}\n${text}`
    })
    .join('\n')

export function* versionsFromLines(lines: string): Iterable<RowVersion> {
  const parts = lines.split('\n')
  for (let at = 0; at + FIELDS <= parts.length; at += FIELDS) {
    yield {
      key: JSON.parse(parts[at] as string),
      position: Number(parts[at + 1]),
      time: parts[at + 2] as string,
      mark: parts[at + 3] as Mark,
      body: parts[at + 4] as string,
    }
  }
}
