import { type Change, changeOf, Table } from '../../../projections/kit/table.ts'
import { applyMergePatch } from '../../lib/json-merge-patch.ts'
import type { Moment } from '../queries/types.ts'
import { type ChangesByModel, type KeptTable, type QueriedTables, queriedTables } from '../read-models/projections.ts'
import { VERSION_KIND } from './row-version.ts'
import type { RowChange, RowSelection } from './version-store.ts'

export type FollowedRows = KeptTable & { readonly rows: RowSelection }

export interface ChangesOfEvent {
  readonly event: Moment & { readonly type: string }
  readonly changes: ChangesByModel
}

export class ReplayedTables {
  readonly tables: QueriedTables = queriedTables((_, __, definition) => new Table(definition))
  readonly #followed: readonly FollowedRows[]

  constructor(followed: readonly FollowedRows[]) {
    this.#followed = followed
  }

  #tableOf(selection: number): Table<unknown> {
    const { model, table } = this.#followed[selection] as FollowedRows
    return (this.tables[model] as unknown as Readonly<Record<string, Table<unknown>>>)[table] as Table<unknown>
  }

  load(rows: Iterable<readonly [selection: number, key: string, row: object]>): void {
    for (const [selection, key, row] of rows) this.#tableOf(selection).set(key, row)
  }

  take(rows: readonly RowChange[]): ChangesOfEvent {
    const { position, time, type } = rows[0] as RowChange
    const changes: Partial<Record<FollowedRows['model'], Change[]>> = {}
    for (const { selection, key, kind, body } of rows) {
      const { model, table } = this.#followed[selection] as FollowedRows
      const own = this.#tableOf(selection)
      const before = own.get(key) as object | undefined
      const after = this.#rowOf(before, kind, body)
      if (after === undefined) own.delete(key)
      else own.set(key, after, before)
      const change = changeOf<Record<string, unknown>, string>(table, key, before, after)
      if (change === undefined) continue
      changes[model] ??= []
      changes[model].push(change)
    }
    return {
      event: { position, time: new Date(time).toISOString(), type },
      changes: changes as unknown as ChangesByModel,
    }
  }

  #rowOf(before: object | undefined, kind: RowChange['kind'], body: object | null): object | undefined {
    if (body === null) return undefined
    return kind === VERSION_KIND.patch && before !== undefined ? applyMergePatch(before, body) : body
  }
}
