import { badUserInput } from '../../../schemas/errors.ts'
import { LANE_KINDS, type LanesRequest, type NamedLane } from './types.ts'

const WIDTH = 16

/** Sorts as text; with `notReady`, the longest time first. */
export const orderOf = ({ kind, namespace, name }: NamedLane, notReady?: number): string => {
  const rank = notReady === undefined ? '' : String(Number.MAX_SAFE_INTEGER - Math.round(notReady)).padStart(WIDTH, '0')
  return `${rank} ${LANE_KINDS.indexOf(kind)} ${namespace} ${name}`
}

export interface OrderedPage<Item> {
  readonly items: readonly Item[]
  /** Of all that could be on a page. */
  readonly total: number
  /** How many are on earlier pages. */
  readonly before: number
}

/** @param all is sorted in place; those up to `after` are on earlier pages */
export const pageBehind = <Item extends { readonly order: string }>(
  all: Item[],
  after: string,
  first: number,
): OrderedPage<Item> => {
  all.sort((one, other) => (one.order < other.order ? -1 : 1))
  const found = all.findIndex(({ order }) => order > after)
  const from = found === -1 ? all.length : found
  return { items: all.slice(from, from + first), total: all.length, before: from }
}

/** Following pages keep the end of the window. */
export const toCursor = (order: string, to: number): string => Buffer.from(`${to} ${order}`).toString('base64url')

const CURSORS = { Name: /^(\d+) ( \d \S+ \S+)$/, NotReady: /^(\d+) (\d{16} \d \S+ \S+)$/ } as const

export const fromCursor = (
  cursor: string,
  orderBy: LanesRequest['orderBy'],
): { readonly order: string; readonly to: number } => {
  const [, to, order] = CURSORS[orderBy].exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  if (order !== undefined && toCursor(order, Number(to)) === cursor) return { order, to: Number(to) }
  const message = `${JSON.stringify(cursor)} is not a cursor of an earlier page with the same order`
  throw badUserInput([{ path: 'after', message }])
}
