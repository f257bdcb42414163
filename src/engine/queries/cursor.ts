import { badUserInput } from '../../../schemas/errors.ts'

/** Encodes a row key, so cursors never expire. */
export const toCursor = (key: string): string => Buffer.from(key).toString('base64url')

export const fromCursor = (cursor: string): string => {
  const key = Buffer.from(cursor, 'base64url').toString()
  if (key.includes('.') && toCursor(key) === cursor) return key
  throw badUserInput([{ path: 'after', message: `${JSON.stringify(cursor)} is not a cursor of an earlier page` }])
}
