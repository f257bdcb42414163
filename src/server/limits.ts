import { HarkError } from '../../schemas/errors.ts'
import type { LimitName, Limits } from '../../schemas/limits.ts'

/** The limits of a server; `hit` counts a request or connection that ran into one. */
export interface EnforcedLimits extends Limits {
  hit(limit: LimitName): void
}

/** BAD_USER_INPUT that names the limit, so that an operator can raise it. */
export const overLimit = (limit: LimitName, message: string, path = ''): HarkError =>
  new HarkError('BAD_USER_INPUT', message, { fields: [{ path, message }], limit })
