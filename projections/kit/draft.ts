import type { Projection, State } from './projection.ts'
import { type Change, changeOf } from './table.ts'

export interface DraftTable<Row> {
  get(key: string): Row | undefined
  keysWhere(index: string, value: string): readonly string[]
  hasAny(index: string, value: string): boolean
  put(key: string, row: Row): void
  remove(key: string): void
}

/** Overlays the state before an event with changes, so that projections can work step by step and stay pure. */
export class Draft<Rows extends object> {
  readonly #projection: Pick<Projection<Rows>, 'tables'>
  readonly #state: State<Rows>
  /** Most events change few tables, for which a scan is fastest. */
  #changed: readonly ChangedRows<Rows>[] = NO_CHANGES
  /** Saves a second lookup, because rows are read before they are put. */
  #lastRead:
    | { readonly table: keyof Rows; readonly key: string; readonly row: Rows[keyof Rows] | undefined }
    | undefined

  constructor(projection: Pick<Projection<Rows>, 'tables'>, state: State<Rows>) {
    this.#projection = projection
    this.#state = state
  }

  get changes(): readonly Change<Rows>[] {
    const [first, second] = this.#changed
    if (first === undefined) return NO_CHANGES
    return second === undefined ? first.changes : this.#changed.flatMap(({ changes }) => changes)
  }

  #changedOf(table: keyof Rows): ChangedRows<Rows> | undefined {
    for (const changed of this.#changed) if (changed.table === table) return changed
    return undefined
  }

  table<Name extends keyof Rows>(name: Name): DraftTable<Rows[Name]> {
    return new TableOfDraft(this, name)
  }

  get<Name extends keyof Rows>(table: Name, key: string): Rows[Name] | undefined {
    const change = this.#changedOf(table)?.get(key)
    return change === undefined ? this.#read(table, key) : (change.after as Rows[Name] | undefined)
  }

  #read<Name extends keyof Rows>(table: Name, key: string): Rows[Name] | undefined {
    const last = this.#lastRead
    if (last !== undefined && last.table === table && last.key === key) return last.row as Rows[Name] | undefined
    const row = this.#state[table].get(key)
    this.#lastRead = { table, key, row }
    return row
  }

  keysWhere<Name extends keyof Rows>(table: Name, index: string, value: string): readonly string[] {
    const found = this.#state[table].keysWhere(index, value)
    const unchanged: readonly string[] = Array.isArray(found) ? found : [...found]
    const changed = this.#changedOf(table)
    if (changed === undefined) return unchanged
    const now = this.#changedWhere(changed, table, index, value).map(({ key }) => key)
    return [...unchanged.filter(key => changed.get(key) === undefined), ...now]
  }

  hasAny<Name extends keyof Rows>(table: Name, index: string, value: string): boolean {
    const changed = this.#changedOf(table)
    for (const key of this.#state[table].keysWhere(index, value)) if (changed?.get(key) === undefined) return true
    return changed !== undefined && this.#changedWhere(changed, table, index, value).length > 0
  }

  put<Name extends keyof Rows>(table: Name, key: string, row: Rows[Name]): void {
    this.#change(table, key, row)
  }

  remove(table: keyof Rows, key: string): void {
    this.#change(table, key, undefined)
  }

  #changedWhere(changed: ChangedRows<Rows>, table: keyof Rows, index: string, value: string): readonly Change<Rows>[] {
    const indexKey = this.#projection.tables[table].indexes?.[index] as (row: Rows[keyof Rows]) => string | undefined
    return changed.changes.filter(({ after }) => after !== undefined && indexKey(after) === value)
  }

  #change<Name extends keyof Rows>(table: Name, key: string, after: Rows[Name] | undefined): void {
    const changed = this.#changedOf(table)
    const made = changed?.get(key)
    const isReadable = made === undefined && !this.#projection.tables[table].onDiskOnly
    const before = isReadable ? this.#read(table, key) : (made?.before as Rows[Name] | undefined)
    const change = changeOf<Rows, Name>(table, key, before, after)
    if (change === undefined) {
      if (made !== undefined) changed?.forget(key)
    } else if (changed !== undefined) changed.put(change)
    else this.#changed = [...this.#changed, new ChangedRows(table, change)]
  }
}

/** A class, because every event needs several of them: five functions each would take longer to make than to run. */
class TableOfDraft<Rows extends object, Name extends keyof Rows> implements DraftTable<Rows[Name]> {
  readonly #draft: Draft<Rows>
  readonly #name: Name

  constructor(draft: Draft<Rows>, name: Name) {
    this.#draft = draft
    this.#name = name
  }

  get(key: string): Rows[Name] | undefined {
    return this.#draft.get(this.#name, key)
  }

  keysWhere(index: string, value: string): readonly string[] {
    return this.#draft.keysWhere(this.#name, index, value)
  }

  hasAny(index: string, value: string): boolean {
    return this.#draft.hasAny(this.#name, index, value)
  }

  put(key: string, row: Rows[Name]): void {
    this.#draft.put(this.#name, key, row)
  }

  remove(key: string): void {
    this.#draft.remove(this.#name, key)
  }
}

export const NO_CHANGES: readonly never[] = []

/** Most events change few rows, for which a scan is fastest. */
const FEW = 8

class ChangedRows<Rows extends object> {
  readonly table: keyof Rows
  readonly changes: Change<Rows>[]
  #indexes: Map<string, number> | undefined

  constructor(table: keyof Rows, first: Change<Rows>) {
    this.table = table
    // Exactly one place: an empty array to which one is added has 17.
    this.changes = [first]
  }

  get(key: string): Change<Rows> | undefined {
    return this.changes[this.#indexOf(key)]
  }

  put(change: Change<Rows>): void {
    const index = this.#indexOf(change.key)
    if (index !== -1) {
      this.changes[index] = change
      return
    }
    this.#indexes?.set(change.key, this.changes.length)
    this.changes.push(change)
  }

  forget(key: string): void {
    this.changes.splice(this.#indexOf(key), 1)
    this.#indexes = undefined
  }

  #indexOf(key: string): number {
    if (this.changes.length <= FEW) {
      for (let index = 0; index < this.changes.length; index += 1) if (this.changes[index]?.key === key) return index
      return -1
    }
    this.#indexes ??= new Map(this.changes.map((change, index) => [change.key, index]))
    return this.#indexes.get(key) ?? -1
  }
}
