import { endpointClaims } from '../../../projections/endpoint-claims.ts'
import type { Change, QueriedTable, TableDefinition } from '../../../projections/kit/table.ts'
import { routerConfig } from '../../../projections/router-config/router-config.ts'
import { routingKeys } from '../../../projections/routing-keys.ts'
import { KINDS, type Kind } from '../../../schemas/resources/kinds.ts'
import { modelOf, type ResourceModels, type RowOf, type RowsOf } from '../resources/registry.ts'

type ResourceProjections = {
  readonly [K in Kind as ResourceModels[K]['model']]: ResourceModels[K]['projection']
}

const resourceProjections = Object.fromEntries(
  KINDS.map(modelOf).map(({ model, projection }) => [model, projection]),
) as unknown as ResourceProjections

export const PROJECTIONS = { ...resourceProjections, routingKeys, routerConfig, endpointClaims }

export type Projections = typeof PROJECTIONS
export type ModelName = keyof Projections
export type ChangesByModel = { readonly [Name in ModelName]?: readonly Change<RowsOf<Projections[Name]>>[] }

type KeptIn<Tables> = {
  readonly [Name in keyof Tables]: Tables[Name] extends { readonly history: object } ? Name : never
}[keyof Tables]

export type QueriedTables = {
  readonly [Name in ModelName as KeptIn<Projections[Name]['tables']> extends never ? never : Name]: {
    readonly [Table in KeptIn<Projections[Name]['tables']> & keyof RowsOf<Projections[Name]>]: QueriedTable<
      RowsOf<Projections[Name]>[Table]
    >
  }
}

export type QueriedModel = keyof QueriedTables

type TablesByModel = Readonly<Record<string, Readonly<Record<string, QueriedTable<unknown>>>>>

const KEPT = Object.entries(PROJECTIONS)
  .map(([model, { tables }]) => ({
    model: model as QueriedModel,
    tables: Object.entries<TableDefinition<never>>(tables).filter(([, { history }]) => history !== undefined),
  }))
  .filter(({ tables }) => tables.length > 0)

export const byQueriedModel = <Of>(of: (model: QueriedModel) => Of): Readonly<Record<QueriedModel, Of>> =>
  Object.fromEntries(KEPT.map(({ model }) => [model, of(model)])) as Record<QueriedModel, Of>

export const queriedTables = (
  make: (model: QueriedModel, table: string, definition: TableDefinition<unknown>) => QueriedTable<unknown>,
): QueriedTables => {
  const tables: TablesByModel = Object.fromEntries(
    KEPT.map(({ model, tables }) => [
      model,
      Object.fromEntries(
        tables.map(([table, definition]) => [table, make(model, table, definition as TableDefinition<unknown>)]),
      ),
    ]),
  )
  return tables as unknown as QueriedTables
}

export const tableOf = <K extends Kind>(tables: QueriedTables, kind: K): QueriedTable<RowOf<K>> => {
  const { model, table } = modelOf(kind)
  return (tables as unknown as TablesByModel)[model]?.[table] as QueriedTable<RowOf<K>>
}

/** Rows without a namespace, such as those of routers, have it as their key. */
export const namespaceOf = (row: unknown, key: string): string =>
  (row as { readonly namespace?: string }).namespace ?? key

export type KeptTable = {
  readonly [Model in QueriedModel]: { readonly model: Model; readonly table: keyof QueriedTables[Model] }
}[QueriedModel]

export const keptTableOf = (kind: Kind): KeptTable => {
  const { model, table } = modelOf(kind)
  return { model, table } as KeptTable
}
