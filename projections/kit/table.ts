import { SecondaryIndex } from './secondary-index.ts'
import { placeOf, SortedKeys } from './sorted-keys.ts'

export interface ReadonlyTable<Row> {
  get(key: string): Row | undefined
  keysWhere(index: string, value: string): Iterable<string>
}

export interface QueriedTable<Row> extends ReadonlyTable<Row> {
  /** Unordered. */
  where(index: string, value: string): Iterable<Row>
  sortedKeys(): readonly string[]
  /** Sorted. */
  keysWithPrefix(prefix: string): readonly string[]
}

export interface TableDefinition<Row> {
  /** Index values by index name; undefined omits the row. */
  readonly indexes?: Readonly<Record<string, (row: Row) => string | undefined>>
  /** For tables that only grow and are read by key: rows stay on disk, where projections cannot read them. */
  readonly onDiskOnly?: boolean
  /** Keeps all versions of rows, with these indexes; other indexes of past rows need scans. */
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

/** Every change of a table with `onDiskOnly` counts as added. */
export type Change<Rows = Record<string, unknown>, Name extends keyof Rows = keyof Rows> = {
  [Each in Name]: RowChange<Each, Rows[Each]>
}[Name]

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

/** Returns the row after the change, or before its removal. */
export const rowOf = <Of extends RowChange<unknown, unknown>>(change: Of): Exclude<Of['before' | 'after'], undefined> =>
  (change.kind === 'removed' ? change.before : change.after) as Exclude<Of['before' | 'after'], undefined>

/** Exceeds every key with this prefix, because no key contains U+FFFF. */
const endOf = (prefix: string): string => `${prefix}\uffff`

/** Rows are immutable. */
export class Table<Row> implements QueriedTable<Row> {
  readonly #rows = new Map<string, Row>()
  readonly #sorted = new SortedKeys()
  readonly #indexes: readonly {
    readonly name: string
    readonly indexKey: (row: Row) => string | undefined
    /** Created on first use, which speeds up loading at start. */
    keys: SecondaryIndex | undefined
  }[]

  constructor(definition: TableDefinition<Row> = {}) {
    this.#indexes = Object.entries(definition.indexes ?? {}).map(([name, indexKey]) => ({
      name,
      indexKey,
      keys: undefined,
    }))
  }

  get size(): number {
    return this.#rows.size
  }

  get(key: string): Row | undefined {
    return this.#rows.get(key)
  }

  *where(index: string, value: string): Iterable<Row> {
    for (const key of this.keysWhere(index, value)) yield this.#rows.get(key) as Row
  }

  keysWhere(index: string, value: string): Iterable<string> {
    const found = this.#indexes.find(candidate => candidate.name === index)
    if (found === undefined) throw new Error(`no index named ${index}`)
    found.keys ??= this.#build(found.indexKey)
    return found.keys.get(value)
  }

  #build(indexKey: (row: Row) => string | undefined): SecondaryIndex {
    const keys = new SecondaryIndex()
    for (const [key, row] of this.#rows) {
      const value = indexKey(row)
      if (value !== undefined) keys.add(value, key)
    }
    return keys
  }

  entries(): Iterable<readonly [key: string, row: Row]> {
    return this.#rows.entries()
  }

  rows(): Iterable<Row> {
    return this.#rows.values()
  }

  sortedKeys(): readonly string[] {
    return this.#sorted.keys(this.#rows)
  }

  keysWithPrefix(prefix: string): readonly string[] {
    const keys = this.sortedKeys()
    return keys.slice(placeOf(keys, prefix), placeOf(keys, endOf(prefix)))
  }

  set(key: string, row: Row, before: Row | undefined = this.#rows.get(key)): void {
    this.#rows.set(key, row)
    if (before === undefined) this.#sorted.add(key)
    for (const index of this.#indexes) {
      if (index.keys === undefined) continue
      const value = index.indexKey(row)
      const old = before === undefined ? undefined : index.indexKey(before)
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
      const old = index.keys === undefined ? undefined : index.indexKey(before)
      if (old !== undefined) index.keys?.remove(old, key)
    }
  }
}
