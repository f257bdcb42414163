import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js'
import { abortable } from '../../../lib/abortable.ts'
import { withTimeout } from '../with-timeout.ts'
import type { OpenRead, ReadCall } from './read-request.ts'

export const openCall = async (
  openRead: OpenRead,
  request: ReadReq,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<ReadCall> => {
  const opening = openRead(request)
  try {
    return await withTimeout(timeoutMs, abortable(opening, signal))
  } catch (error) {
    opening.then(
      call => call.on('error', () => {}).cancel(),
      () => {},
    )
    throw error
  }
}
