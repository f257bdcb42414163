import { SecondaryIndex } from './secondary-index.ts'
import { placeOf, SortedKeys } from './sorted-keys.ts'

/** The rows of one table as a projection reads them. */
export interface ReadonlyTable<Row> {
  get(key: string): Row | undefined
  /** The keys of the rows that an index of the table files under this value, in no promised order. */
  keysWhere(index: string, value: string): Iterable<string>
}

/** The rows of one table as queries read them. */
export interface QueriedTable<Row> extends ReadonlyTable<Row> {
  /** The rows that an index files under this value, in no promised order. */
  where(index: string, value: string): Iterable<Row>
  /** All keys, sorted. */
  sortedKeys(): readonly string[]
  /** Those of them that begin with this. */
  keysWithPrefix(prefix: string): readonly string[]
}

/** How a table finds its rows other than by key. */
export interface TableDefinition<Row> {
  /** By name, the value that a row is filed under; undefined leaves the row out. */
  readonly indexes?: Readonly<Record<string, (row: Row) => string | undefined>>
  /**
   * True for a table that only ever grows and is read by key alone: its rows stay on disk, and a projection writes them
   * without reading them.
   */
  readonly onDiskOnly?: boolean
  /**
   * There for a table whose rows are to be had as they were at any moment of the past. The indexes named here are kept for
   * the past as well; by others rows of the past are found by looking at all of them.
   */
  readonly history?: { readonly indexes: readonly string[] }
}

interface ChangeOfRow<Kind extends string, Name, Before, After> {
  readonly kind: Kind
  readonly table: Name
  readonly key: string
  readonly before: Before
  readonly after: After
}

type RowChange<Name, Row> =
  | ChangeOfRow<'added', Name, undefined, Row>
  | ChangeOfRow<'changed', Name, Row, Row>
  | ChangeOfRow<'removed', Name, Row, undefined>

/**
 * What became of one row: there is one before it, or after it, or both. A row of a table that stays on disk is not read
 * before it is written, and always counts as added.
 */
export type Change<Rows = Record<string, unknown>, Name extends keyof Rows = keyof Rows> = {
  [Each in Name]: RowChange<Each, Rows[Each]>
}[Name]

/** Undefined where there was no row and is none: nothing has changed. */
export const changeOf = <Rows, Name extends keyof Rows>(
  table: Name,
  key: string,
  before: Rows[Name] | undefined,
  after: Rows[Name] | undefined,
): Change<Rows, Name> | undefined => {
  if (after === undefined)
    return before === undefined ? undefined : { kind: 'removed', table, key, before, after: undefined }
  return before === undefined
    ? { kind: 'added', table, key, before: undefined, after }
    : { kind: 'changed', table, key, before, after }
}

/** The row as it is now or, where it was removed, as it was last. */
export const rowOf = <Of extends RowChange<unknown, unknown>>(change: Of): Exclude<Of['before' | 'after'], undefined> =>
  (change.kind === 'removed' ? change.before : change.after) as Exclude<Of['before' | 'after'], undefined>

/** The first key after every key that begins with `prefix`: no key holds the greatest character there is. */
const endOf = (prefix: string): string => `${prefix}\uffff`

/** Rows by key, with indexes. Rows are values: to change one is to set another. */
export class Table<Row> implements QueriedTable<Row> {
  readonly #rows = new Map<string, Row>()
  readonly #sorted = new SortedKeys()
  readonly #indexes: readonly {
    readonly name: string
    readonly filedUnder: (row: Row) => string | undefined
    /** Made when it is first asked for: reading all rows in, at a start, goes faster without. */
    keys: SecondaryIndex | undefined
  }[]

  constructor(definition: TableDefinition<Row> = {}) {
    this.#indexes = Object.entries(definition.indexes ?? {}).map(([name, filedUnder]) => ({
      name,
      filedUnder,
      keys: undefined,
    }))
  }

  get size(): number {
    return this.#rows.size
  }

  get(key: string): Row | undefined {
    return this.#rows.get(key)
  }

  /** The rows that an index files under this value, in no promised order. */
  *where(index: string, value: string): Iterable<Row> {
    for (const key of this.keysWhere(index, value)) yield this.#rows.get(key) as Row
  }

  keysWhere(index: string, value: string): Iterable<string> {
    const found = this.#indexes.find(candidate => candidate.name === index)
    if (found === undefined) throw new Error(`no index named ${index}`)
    found.keys ??= this.#file(found.filedUnder)
    return found.keys.get(value)
  }

  #file(filedUnder: (row: Row) => string | undefined): SecondaryIndex {
    const keys = new SecondaryIndex()
    for (const [key, row] of this.#rows) {
      const value = filedUnder(row)
      if (value !== undefined) keys.add(value, key)
    }
    return keys
  }

  rows(): Iterable<Row> {
    return this.#rows.values()
  }

  /** All keys, sorted: what pages are cut from. Kept between calls, so that asking again costs what has changed. */
  sortedKeys(): readonly string[] {
    return this.#sorted.keys(this.#rows)
  }

  keysWithPrefix(prefix: string): readonly string[] {
    const keys = this.sortedKeys()
    return keys.slice(placeOf(keys, prefix), placeOf(keys, endOf(prefix)))
  }

  /** @param before the row that is there, for whoever knows it already */
  set(key: string, row: Row, before: Row | undefined = this.#rows.get(key)): void {
    this.#rows.set(key, row)
    if (before === undefined) this.#sorted.add(key)
    for (const index of this.#indexes) {
      if (index.keys === undefined) continue
      const value = index.filedUnder(row)
      const old = before === undefined ? undefined : index.filedUnder(before)
      if (value === old) continue
      if (old !== undefined) index.keys.remove(old, key)
      if (value !== undefined) index.keys.add(value, key)
    }
  }

  delete(key: string): void {
    const before = this.#rows.get(key)
    if (before === undefined) return
    this.#rows.delete(key)
    this.#sorted.remove()
    for (const index of this.#indexes) {
      const old = index.keys === undefined ? undefined : index.filedUnder(before)
      if (old !== undefined) index.keys?.remove(old, key)
    }
  }
}
