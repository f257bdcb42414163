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

/** What the server answers to what it cannot read; the client knows no better than this text. */
const BAD_REQUEST = 'Could not recognize BadRequest'

/** What is final about an append, in the port's terms; undefined where another try may do better. */
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
    return new InvalidAppend(`the server takes no such append to ${stream}`)
  }
  return toAccessError(error)
}

/** Trying again changes nothing about this one, until somebody changes the server. */
export const toAccessError = (error: unknown): StoreUnavailable | undefined =>
  error instanceof AccessDeniedError
    ? new StoreUnavailable('EventStoreDB denies access with the credentials of the connection string', { cause: error })
    : undefined

/** Throws what would be the same again, however often it is tried: what access is denied to, and what is damaged. */
export const throwIfFinal = (error: unknown): void => {
  if (error instanceof StoreCorrupted) throw error
  const refusal = toAccessError(error)
  if (refusal) throw refusal
}

/** What the client says of it names addresses, which are no caller's business: it is the cause, for whoever logs. */
export const unavailable = (cause: unknown): StoreUnavailable =>
  new StoreUnavailable('EventStoreDB did not answer in time: try again', { cause })

export const closed = (): StoreUnavailable => new StoreUnavailable('the event store is closed')
