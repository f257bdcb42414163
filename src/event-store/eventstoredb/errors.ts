import {
  AccessDeniedError,
  MaxAppendSizeExceededError,
  StreamDeletedError,
  UnknownError,
  WrongExpectedVersionError,
} from '@eventstore/db-client'
import {
  AppendTooLarge,
  InvalidAppend,
  NO_STREAM,
  StoreCorrupted,
  StoreUnavailable,
  WrongExpectedRevision,
} from '../event-store.ts'
import { isHarkStream } from './hark-streams.ts'
import { deletedForGood, toSafeInteger } from './to-recorded-event.ts'

/** The client's text for an unreadable request. */
const BAD_REQUEST = 'Could not recognize BadRequest'

/** Returns undefined if another attempt may succeed. */
export const toAppendError = (error: unknown, stream: string, expected: number): Error | undefined => {
  if (error instanceof StoreCorrupted) return error
  if (error instanceof WrongExpectedVersionError) {
    const actual = error.actualVersion
    return new WrongExpectedRevision(stream, expected, typeof actual === 'bigint' ? toSafeInteger(actual) : NO_STREAM)
  }
  if (error instanceof MaxAppendSizeExceededError) return new AppendTooLarge(stream)
  if (error instanceof StreamDeletedError)
    return isHarkStream(stream)
      ? deletedForGood({ stream })
      : new InvalidAppend(`stream ${stream} was deleted for good`)
  if (error instanceof UnknownError && error.message === BAD_REQUEST) {
    return new InvalidAppend(`the server rejects the append to ${stream}`)
  }
  return toAccessError(error)
}

const toAccessError = (error: unknown): StoreUnavailable | undefined =>
  error instanceof AccessDeniedError
    ? new StoreUnavailable('EventStoreDB denies access with the credentials of the connection string', { cause: error })
    : undefined

export const throwIfFinal = (error: unknown): void => {
  if (error instanceof StoreCorrupted) throw error
  const refusal = toAccessError(error)
  if (refusal) throw refusal
}

/** The client's message contains addresses, so only logs get it. */
export const unavailable = (cause: unknown): StoreUnavailable =>
  new StoreUnavailable('EventStoreDB did not respond in time: try again', { cause })

export const closed = (): StoreUnavailable => new StoreUnavailable('the event store is closed')
