import { badUserInput } from '../../../schemas/errors.ts'
import type { LaneRef } from './lane-query.ts'
import { LANE_KINDS, type LanesRequest } from './types.ts'

const WIDTH = 16

/** Sorts as text; with `notReady`, the longest time first. */
export const orderOf = ({ kind, namespace, name }: LaneRef, notReady: number | undefined): string => {
  const rank = notReady === undefined ? '' : String(Number.MAX_SAFE_INTEGER - Math.round(notReady)).padStart(WIDTH, '0')
  return `${rank} ${LANE_KINDS.indexOf(kind)} ${namespace} ${name}`
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
