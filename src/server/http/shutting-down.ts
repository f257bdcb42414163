import { type HarkError, unavailable } from '../../../schemas/errors.ts'

/** What everybody is told who comes, or still listens, when the server ends. */
export const SHUTTING_DOWN = 'Hark is shutting down'

export const shuttingDown = (): HarkError => unavailable(`${SHUTTING_DOWN}: ask again when it is back`)
