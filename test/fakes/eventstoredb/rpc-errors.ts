import { Metadata, type ServiceError, status } from '@grpc/grpc-js'

/** An error that ends a call; clients recognize its kind by `exception`. */
export const rpcError = (code: status, details: string, headers: Record<string, string> = {}): ServiceError => {
  const metadata = new Metadata()
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value)
  return Object.assign(new Error(details), { code, details, metadata })
}

export const streamDeletedError = (stream: string): ServiceError =>
  rpcError(status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, {
    exception: 'stream-deleted',
    'stream-name': stream,
  })

export const writeTimedOut = (): ServiceError => rpcError(status.ABORTED, 'Operation timed out: Prepare phase timeout.')

export const consumerTooSlow = (): ServiceError =>
  rpcError(status.ABORTED, 'Operation timed out: Consumer too slow to handle event while live.')
