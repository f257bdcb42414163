import { unavailable } from '../../../schemas/errors.ts'
import { StoreCorrupted, StoreUnavailable } from '../../event-store/event-store.ts'
import { LogMissing } from './known-log.ts'

/** The read models follow the log no further: what is known is what there is. */
export class ReadModelsStopped extends Error {
  override readonly name = 'ReadModelsStopped'

  constructor(cause: unknown) {
    super('the read models have stopped', { cause })
  }

  /** For operators. */
  get reason(): string {
    const isForOperators = this.cause instanceof StoreCorrupted || this.cause instanceof LogMissing
    return isForOperators ? (this.cause as Error).message : 'the log of the engine tells why'
  }
}

/** What a caller who only looks may know of a failure; anything else is the engine's own fault and stays what it is. */
export const toQueryError = (error: unknown): unknown =>
  error instanceof StoreUnavailable ? unavailable(error.message) : error

/** What a caller may know who wants something done: it was not done, and where the log is damaged is not for everybody. */
export const toCommandError = (error: unknown): unknown => {
  if (error instanceof ReadModelsStopped)
    return unavailable('the read models have stopped, so nothing can be decided: see the log of the engine')
  if (error instanceof StoreCorrupted)
    return unavailable('the event log is damaged, so nothing can be decided: see the log of the engine')
  return toQueryError(error)
}
