import type { Projection, State } from './projection.ts'
import type { Change } from './table.ts'

/**
 * The state before an event with what the event has changed so far laid over it: lets a projection be written step by
 * step and stay a pure function of state and event.
 */
export class Draft<Rows extends object> {
  readonly #projection: Pick<Projection<Rows>, 'tables'>
  readonly #state: State<Rows>
  readonly #changes = new Map<keyof Rows, Map<string, Change<Rows>>>()

  constructor(projection: Pick<Projection<Rows>, 'tables'>, state: State<Rows>) {
    this.#projection = projection
    this.#state = state
  }

  get changes(): readonly Change<Rows>[] {
    return [...this.#changes.values()].flatMap(changes => [...changes.values()])
  }

  get<Name extends keyof Rows>(table: Name, key: string): Rows[Name] | undefined {
    const change = this.#changes.get(table)?.get(key)
    return change === undefined ? this.#state[table].get(key) : (change.after as Rows[Name] | undefined)
  }

  /** The keys that an index files under this value now, in no promised order; what is put meanwhile does not join in. */
  keysWhere<Name extends keyof Rows>(table: Name, index: string, value: string): readonly string[] {
    const changes = this.#changes.get(table)
    const unchanged = this.#state[table].keysWhere(index, value)
    if (changes === undefined) return [...unchanged]
    const valueOf = this.#projection.tables[table].indexes?.[index] as (row: Rows[keyof Rows]) => string | undefined
    const changed = [...changes.values()].filter(({ after }) => after !== undefined && valueOf(after) === value)
    return [...[...unchanged].filter(key => !changes.has(key)), ...changed.map(({ key }) => key)]
  }

  /** Whether an index files anything under this value now. */
  hasAny<Name extends keyof Rows>(table: Name, index: string, value: string): boolean {
    if (this.#changes.has(table)) return this.keysWhere(table, index, value).length > 0
    for (const _ of this.#state[table].keysWhere(index, value)) return true
    return false
  }

  put<Name extends keyof Rows>(table: Name, key: string, row: Rows[Name]): void {
    this.#change(table, key, row)
  }

  remove(table: keyof Rows, key: string): void {
    this.#change(table, key, undefined)
  }

  #change<Name extends keyof Rows>(table: Name, key: string, after: Rows[Name] | undefined): void {
    let changes = this.#changes.get(table)
    if (changes === undefined) {
      changes = new Map()
      this.#changes.set(table, changes)
    }
    const made = changes.get(key)
    const before =
      made === undefined && !this.#projection.tables[table].onDiskOnly ? this.#state[table].get(key) : made?.before
    changes.set(key, { table, key, before, after })
  }
}
