import { z } from 'zod'
import { mismatch } from '../validation.ts'

const PROTOTYPE = '__proto__'

/**
 * Rejects the key that `z.record()` and `catchall()` would leave out silently.
 *
 * @param expected what a key must be, for the message
 */
export const noPrototype =
  (expected: string) =>
  ({ value, issues }: z.core.ParsePayload): void => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, PROTOTYPE)) return
    const message = mismatch(PROTOTYPE, expected, 'string')
    issues.push({ code: 'custom', input: value, path: [PROTOTYPE], message })
  }

export const withoutPrototype = (expected: string) => z.unknown().check(noPrototype(expected))
