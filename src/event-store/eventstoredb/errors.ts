import { AccessDeniedError } from '@eventstore/db-client'
import shared from '@eventstore/db-client/generated/shared_pb.js'
import type { Status } from '@eventstore/db-client/generated/status_pb.js'
import {
  AppendTooLarge,
  InvalidAppend,
  NO_STREAM,
  StoreCorrupted,
  StoreUnavailable,
  WrongExpectedRevision,
} from '../event-store.ts'
import { AppendRejected } from './appending/append-response.ts'
import { isHarkStream } from './hark-streams.ts'
import { deletedForGood, toSafeInteger } from './to-recorded-event.ts'

const DETAILS = 'event_store.client.'

export const toAppendError = (error: unknown, stream: string, expected: number): Error | undefined => {
  if (error instanceof StoreCorrupted) return error
  return error instanceof AppendRejected ? refusalOf(error.status, stream, expected) : toAccessError(error)
}

const refusalOf = (status: Status, stream: string, expected: number): Error | undefined => {
  const details = status.getDetails()
  switch (details?.getTypeName()) {
    case `${DETAILS}WrongExpectedVersion`: {
      const versions = shared.WrongExpectedVersion.deserializeBinary(details.getValue_asU8())
      const actual = versions.hasCurrentStreamRevision()
        ? toSafeInteger(BigInt(versions.getCurrentStreamRevision()))
        : NO_STREAM
      return new WrongExpectedRevision(stream, expected, actual)
    }
    case `${DETAILS}MaximumAppendSizeExceeded`:
      return new AppendTooLarge(stream)
    case `${DETAILS}StreamDeleted`:
      return isHarkStream(stream)
        ? deletedForGood({ stream })
        : new InvalidAppend(`stream ${stream} was deleted for good`)
    case `${DETAILS}BadRequest`:
      return new InvalidAppend(`the server rejects the append to ${stream}`)
    case `${DETAILS}AccessDenied`:
      return accessDenied(status)
    default:
      return undefined
  }
}

const accessDenied = (cause: unknown): StoreUnavailable =>
  new StoreUnavailable('EventStoreDB denies access with the credentials of the connection string', { cause })

const toAccessError = (error: unknown): StoreUnavailable | undefined =>
  error instanceof AccessDeniedError ? accessDenied(error) : undefined

export const throwIfFinal = (error: unknown): void => {
  if (error instanceof StoreCorrupted) throw error
  const refusal = toAccessError(error)
  if (refusal) throw refusal
}

/** The client's message contains addresses, so only logs get it. */
export const unavailable = (cause: unknown): StoreUnavailable =>
  new StoreUnavailable('EventStoreDB did not respond in time: try again', { cause })

export const closed = (): StoreUnavailable => new StoreUnavailable('the event store is closed')
