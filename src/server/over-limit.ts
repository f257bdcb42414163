import { HarkError } from '../../schemas/errors.ts'
import type { LimitName } from '../../schemas/limits.ts'

/** Too much was asked for. The limit is named, for whoever may set it higher. */
export const overLimit = (limit: LimitName, message: string, path = ''): HarkError =>
  new HarkError('BAD_USER_INPUT', message, { fields: [{ path, message }], limit })
