import { type Change, rowOf } from '../../../projections/kit/table.ts'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import type { ConditionedKind } from '../../../schemas/resources/kinds.ts'
import { RESOURCES } from '../../../schemas/resources/registry.ts'
import type { ChangesOfEvent } from '../history/replayed-tables.ts'
import { keysOf } from '../queries/pagination.ts'
import type { Moment } from '../queries/types.ts'
import { keptTableOf, tableOf } from '../read-models/projections.ts'
import type { RowOf } from '../resources/registry.ts'
import { kindTopic, resourceTopic } from './change-feed.ts'
import type { ResourceChange, WatchScope } from './types.ts'
import { momentOf, type RowWatch } from './watch-rows.ts'

const rowAsOf = <K extends ConditionedKind>(change: ResourceChange<K>, position: Position): ResourceChange<K> =>
  change.row === undefined ? change : { ...change, row: { ...change.row, asOf: position } }

const changesReader = <K extends ConditionedKind>(kind: K, isWatched: (key: string, row: RowOf<K>) => boolean) => {
  const { model, table } = keptTableOf(kind)
  return (changes: ChangesOfEvent): ResourceChange<K>[] =>
    ((changes.changes[model] ?? []) as readonly Change<Record<string, RowOf<K>>>[]).flatMap(change => {
      if (change.table !== table) return []
      const row = rowOf(change)
      if (!isWatched(change.key, row)) return []
      const { namespace, name } = row
      const { after } = change
      return [{ ...momentOf(changes), namespace, name, eventType: changes.event.type, ...(after && { row: after }) }]
    })
}

export const oneResource = <K extends ConditionedKind, T>(
  what: string,
  kind: K,
  namespace: string,
  name: string,
  begin: (
    row: RowOf<K> | undefined,
    at: Moment,
  ) => { readonly first: T; readonly next: (change: ResourceChange<K>) => readonly T[] },
): Omit<RowWatch<T>, 'asOf'> => {
  const key = RESOURCES[kind].stream(namespace, name)
  const topic = resourceTopic(kind, key)
  const read = changesReader(kind, changed => changed === key)
  return {
    name: `${what} of ${topic}`,
    topic,
    rows: [{ ...keptTableOf(kind), rows: { key } }],
    begin: (tables, at) => {
      const { first, next } = begin(tableOf(tables, kind).get(key), at)
      return { first: [first], next: changes => read(changes).flatMap(next) }
    },
  }
}

export const resourceWatch = <K extends ConditionedKind>(
  kind: K,
  namespace: string,
  name: string,
): RowWatch<ResourceChange<K>> => ({
  ...oneResource<K, ResourceChange<K>>('resource', kind, namespace, name, (row, at) => ({
    first: { ...at, namespace, name, ...(row && { row }) },
    next: change => [change],
  })),
  asOf: rowAsOf,
})

export const resourcesWatch = <K extends ConditionedKind>(
  kind: K,
  { namespace, bookmark = false }: WatchScope,
): RowWatch<ResourceChange<K>> => {
  const topic = kindTopic(kind, namespace)
  const { stream } = RESOURCES[kind]
  const read = changesReader(kind, (_, row) => namespace === undefined || row.namespace === namespace)
  return {
    name: `resources of ${topic}`,
    topic,
    rows: [{ ...keptTableOf(kind), rows: { prefix: namespace === undefined ? '' : stream(namespace, '') } }],
    begin: (tables, at) => {
      const table = tableOf(tables, kind)
      const rows = keysOf(table, stream, namespace).map(each => {
        const row = table.get(each) as RowOf<K>
        return { ...at, namespace: row.namespace, name: row.name, row }
      })
      const end = { ...at, namespace: namespace ?? '', name: '', isBookmark: true } as const
      return { first: bookmark ? [...rows, end] : rows, next: read }
    },
    asOf: rowAsOf,
  }
}
