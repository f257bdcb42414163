import { type ConnectorStatusRows, connectorStatus } from '../../../projections/connector-status.ts'
import { type Change, changeOf, Table } from '../../../projections/kit/table.ts'
import { type ListenerStatusRows, listenerStatus } from '../../../projections/listener-status.ts'
import { routerConfig } from '../../../projections/router-config/router-config.ts'
import type { RouterConfigRows } from '../../../projections/router-config/tables.ts'
import { type SitesRows, sites } from '../../../projections/sites.ts'
import { applyMergePatch } from '../../lib/json-merge-patch.ts'
import type { Moment } from '../queries/types.ts'
import type { ChangesByModel } from '../read-models/read-models.ts'
import { VERSION_KIND } from './row-version.ts'
import type { RowChange, RowSelection } from './version-store.ts'

export type FollowedRows =
  | { readonly model: 'listenerStatus'; readonly table: 'listeners'; readonly rows: RowSelection }
  | { readonly model: 'connectorStatus'; readonly table: 'connectors'; readonly rows: RowSelection }
  | { readonly model: 'sites'; readonly table: 'sites' | 'undeclared' | 'routers'; readonly rows: RowSelection }
  | { readonly model: 'routerConfig'; readonly table: 'sites' | 'entities'; readonly rows: RowSelection }

export interface WatchedTables {
  readonly listenerStatus: { readonly listeners: Table<ListenerStatusRows['listeners']> }
  readonly connectorStatus: { readonly connectors: Table<ConnectorStatusRows['connectors']> }
  readonly sites: { readonly [Name in 'sites' | 'undeclared' | 'routers']: Table<SitesRows[Name]> }
  readonly routerConfig: { readonly [Name in 'sites' | 'entities']: Table<RouterConfigRows[Name]> }
}

export interface ChangesOfEvent {
  readonly event: Moment & { readonly type: string }
  readonly changes: ChangesByModel
}

/** Rows at a position, moved forward event by event. */
export class ReplayedTables {
  readonly tables: WatchedTables = {
    listenerStatus: { listeners: new Table(listenerStatus.tables.listeners) },
    connectorStatus: { connectors: new Table(connectorStatus.tables.connectors) },
    sites: {
      sites: new Table(sites.tables.sites),
      undeclared: new Table(sites.tables.undeclared),
      routers: new Table(sites.tables.routers),
    },
    routerConfig: {
      sites: new Table(routerConfig.tables.sites),
      entities: new Table(routerConfig.tables.entities),
    },
  }
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

  /** @param rows changes of one event, at least one */
  take(rows: readonly RowChange[]): ChangesOfEvent {
    const { position, time, type } = rows[0] as RowChange
    const changes: Record<FollowedRows['model'], Change[]> = {
      listenerStatus: [],
      connectorStatus: [],
      sites: [],
      routerConfig: [],
    }
    for (const { selection, key, kind, body } of rows) {
      const { model, table } = this.#followed[selection] as FollowedRows
      const own = this.#tableOf(selection)
      const before = own.get(key) as object | undefined
      const after = this.#rowOf(before, kind, body)
      if (after === undefined) own.delete(key)
      else own.set(key, after, before)
      const change = changeOf<Record<string, unknown>, string>(table, key, before, after)
      if (change !== undefined) changes[model].push(change)
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
