import { placeOf } from '../../../projections/kit/sorted-keys.ts'
import type { QueriedTable } from '../../../projections/kit/table.ts'
import { badUserInput } from '../../../schemas/errors.ts'
import type { Page, ResourceOrder, ResourcePageRequest } from './types.ts'

const CURSORS: Readonly<Record<ResourceOrder, RegExp>> = {
  Name: /^[^ ]*\.[^ ]*$/,
  StatusChanged: /^\d{16} [^ ]*\.[^ ]*$/,
}
const TIME_WIDTH = 16

/** Sorts later times first. */
export const placeByTime = (key: string, time: string): string =>
  `${String(Number.MAX_SAFE_INTEGER - Date.parse(time)).padStart(TIME_WIDTH, '0')} ${key}`

/** Cursors never expire. */
export const toCursor = (place: string): string => Buffer.from(place).toString('base64url')

/** @throws BAD_USER_INPUT for a cursor of another order */
export const fromCursor = (
  cursor: string,
  path: 'after' | 'before' = 'after',
  orderBy: ResourceOrder = 'Name',
): string => {
  const place = Buffer.from(cursor, 'base64url').toString()
  if (CURSORS[orderBy].test(place) && toCursor(place) === cursor) return place
  throw badUserInput([
    { path, message: `${JSON.stringify(cursor)} is not a cursor of another page with the same order` },
  ])
}

interface Named {
  readonly namespace: string
}

export const keysOf = <Row extends Named>(
  table: QueriedTable<Row>,
  streamOf: (namespace: string, name: string) => string,
  namespace: string | undefined,
  index?: { readonly name: string; readonly value: string },
): readonly string[] => {
  if (index !== undefined) {
    const keys = [...table.keysWhere(index.name, index.value)].sort()
    return namespace === undefined ? keys : keys.filter(key => table.get(key)?.namespace === namespace)
  }
  return namespace === undefined ? table.sortedKeys() : table.keysWithPrefix(streamOf(namespace, ''))
}

export const pageOf = <Row>(
  table: QueriedTable<Row>,
  places: readonly string[],
  { first, after, last, before, orderBy = 'Name' }: ResourcePageRequest,
): Page<Row> => {
  const begin = after === undefined ? 0 : placeOf(places, `${fromCursor(after, 'after', orderBy)}\u0000`)
  const end = before === undefined ? places.length : placeOf(places, fromCursor(before, 'before', orderBy))
  const from = last === undefined ? begin : Math.max(begin, end - last)
  const to = last === undefined ? Math.min(begin + first, end) : end
  const keyOf = (place: string): string => (orderBy === 'Name' ? place : place.slice(TIME_WIDTH + 1))
  const rows = places.slice(from, to).map(place => ({ cursor: toCursor(place), row: table.get(keyOf(place)) as Row }))
  return { rows, hasNextPage: to < places.length, hasPreviousPage: from > 0, totalCount: places.length }
}
