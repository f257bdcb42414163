import type { Status } from '@eventstore/db-client/generated/status_pb.js'
import statuses from '@eventstore/db-client/generated/status_pb.js'
import type { Position } from '../../../../schemas/events/recorded-event.ts'
import { Fields, numberIn, textIn } from '../protobuf/fields.ts'
import { toSafeInteger } from '../to-recorded-event.ts'

export interface AppendResponse {
  readonly revision: number
  /** The server may omit the position of events that it had before. */
  readonly position: Position | undefined
}

/** The server's response to one append. The call continues. */
export class AppendRejected extends Error {
  override readonly name = 'AppendRejected'
  readonly status: Status

  constructor(status: Status) {
    super(status.getMessage())
    this.status = status
  }
}

export interface AppendOutcome {
  readonly correlationId: string
  readonly result: AppendResponse | AppendRejected
}

/**
 * Decodes a BatchAppendResp.
 *
 * @throws RangeError for a truncated message, one without an outcome, or a position beyond 2^53 − 1
 */
export const decodeAppendResponse = (response: Buffer): AppendOutcome => {
  const fields = new Fields(response)
  let correlationId = ''
  let result: AppendOutcome['result'] | undefined
  while (fields.next()) {
    if (fields.field === 1) correlationId = textIn(fields.message, 2)
    else if (fields.field === 2) result = new AppendRejected(statuses.Status.deserializeBinary(fields.bytes))
    else if (fields.field === 3) result = readSuccess(fields.message)
  }
  if (result === undefined) throw new RangeError('the server responds to an append without an outcome')
  return { correlationId, result }
}

const readSuccess = (fields: Fields): AppendResponse => {
  let [revision, position]: [number, Position | undefined] = [0, undefined]
  while (fields.next()) {
    if (fields.field === 1) revision = toSafeInteger(fields.value)
    else if (fields.field === 3) position = toSafeInteger(numberIn(fields.message, 1))
  }
  return { revision, position }
}
