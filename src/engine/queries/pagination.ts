import { placeOf } from '../../../projections/kit/sorted-keys.ts'
import type { QueriedTable } from '../../../projections/kit/table.ts'
import { badUserInput } from '../../../schemas/errors.ts'
import type { Page, PageRequest } from './types.ts'

/** Encodes a row key, so cursors never expire. */
export const toCursor = (key: string): string => Buffer.from(key).toString('base64url')

export const fromCursor = (cursor: string, path: 'after' | 'before' = 'after'): string => {
  const key = Buffer.from(cursor, 'base64url').toString()
  if (key.includes('.') && toCursor(key) === cursor) return key
  throw badUserInput([{ path, message: `${JSON.stringify(cursor)} is not a cursor of another page` }])
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

/** Cursors are keys, so rows can be added and removed between pages. */
export const pageOf = <Row>(
  table: QueriedTable<Row>,
  keys: readonly string[],
  { first, after, last, before }: PageRequest,
): Page<Row> => {
  const begin = after === undefined ? 0 : placeOf(keys, `${fromCursor(after)}\u0000`)
  const end = before === undefined ? keys.length : placeOf(keys, fromCursor(before, 'before'))
  const from = last === undefined ? begin : Math.max(begin, end - last)
  const to = last === undefined ? Math.min(begin + first, end) : end
  const rows = keys.slice(from, to).map(key => ({ cursor: toCursor(key), row: table.get(key) as Row }))
  return { rows, hasNextPage: to < keys.length, hasPreviousPage: from > 0, totalCount: keys.length }
}
