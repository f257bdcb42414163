import { unavailable } from '../../../schemas/errors.ts'
import { StoreCorrupted, StoreUnavailable } from '../../event-store/event-store.ts'
import { LogMissing } from './log-missing.ts'

export class ReadModelsStopped extends Error {
  override readonly name = 'ReadModelsStopped'

  constructor(cause: unknown) {
    super('the read models have stopped', { cause })
  }

  get reason(): string {
    const isForOperators = this.cause instanceof StoreCorrupted || this.cause instanceof LogMissing
    return isForOperators ? (this.cause as Error).message : 'see the log of the engine'
  }
}

export const toQueryError = (error: unknown): unknown =>
  error instanceof StoreUnavailable ? unavailable(error.message) : error

export const toCommandError = (error: unknown): unknown => {
  if (error instanceof ReadModelsStopped)
    return unavailable('the read models have stopped, so commands are rejected: see the log of the engine')
  if (error instanceof StoreCorrupted)
    return unavailable('the event log is damaged, so commands are rejected: see the log of the engine')
  return toQueryError(error)
}
