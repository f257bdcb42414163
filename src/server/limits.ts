import { HarkError } from '../../schemas/errors.ts'
import type { LimitName, Limits } from '../config/limits.ts'

/** `hit` counts requests or connections above a limit. */
export interface EnforcedLimits extends Limits {
  hit(limit: LimitName): void
}

/** Names the limit, so that an operator can raise it. */
export const overLimit = (limit: LimitName, message: string, path = ''): HarkError =>
  new HarkError('BAD_USER_INPUT', message, { fields: [{ path, message }], limit })
