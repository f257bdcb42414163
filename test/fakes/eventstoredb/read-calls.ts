import { once } from 'node:events'
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js'
import { type handleServerStreamingCall, type ServerWritableStream, status } from '@grpc/grpc-js'
import type { FailureMode } from './failure-mode.ts'
import type { EventLog, LogRecord } from './log.ts'
import * as messages from './messages.ts'
import { rpcError, streamDeletedError } from './rpc-errors.ts'
import { filterOf, subscription } from './subscription.ts'

type ReadCall = ServerWritableStream<ReadReq, ReadResp>

const BACKWARDS = 1

interface SubscriptionHooks {
  /** Ends the current subscriptions when it aborts. */
  readonly dropped: () => AbortSignal
  /** Called for each event that is sent to a subscriber. */
  readonly sent: () => void
}

/** Serves all reads: of a stream or the log, in both directions, up to a count or as a subscription. */
export const read =
  (
    log: EventLog,
    mood: FailureMode,
    { dropped, sent }: SubscriptionHooks,
  ): handleServerStreamingCall<ReadReq, ReadResp> =>
  call => {
    const gone = new AbortController()
    call.on('cancelled', () => gone.abort())
    call.on('error', () => gone.abort())
    mood.whenWorking(() => {
      if (mood.starting) return call.emit('error', rpcError(status.UNAVAILABLE, 'Server Is Not Ready'))
      const options = call.request.getOptions()!
      const isSubscription = options.hasSubscription()
      const signal = isSubscription ? AbortSignal.any([gone.signal, dropped()]) : gone.signal
      const answered = (response: ReadResp): void => {
        if (isSubscription && response.hasEvent()) sent()
      }
      send(call, responses(log, options, signal), signal, answered).catch(error => call.emit('error', error))
    })
  }

const send = async (
  call: ReadCall,
  responses: Iterable<ReadResp> | AsyncIterable<ReadResp>,
  signal: AbortSignal,
  answered: (response: ReadResp) => void,
) => {
  for await (const response of responses) {
    if (signal.aborted) break
    answered(response)
    if (!call.write(response)) await once(call, 'drain', { signal }).catch(() => {})
  }
  if (call.cancelled) return
  if (signal.aborted) throw signal.reason
  call.end()
}

const responses = (
  log: EventLog,
  options: ReadReq.Options,
  signal: AbortSignal,
): Iterable<ReadResp> | AsyncIterable<ReadResp> => {
  if (options.hasSubscription()) return subscription(log, options, signal)
  if (options.hasAll())
    return upTo(Number(options.getCount()), matching(options, indexed(log, everything(log, options))))
  return streamResponses(log, options)
}

function* matching(options: ReadReq.Options, records: Iterable<LogRecord>): Iterable<LogRecord> {
  const { matches } = filterOf(options)
  for (const record of records) if (matches(record)) yield record
}

function* indexed(log: EventLog, records: Iterable<LogRecord>): Iterable<LogRecord> {
  for (const record of records) if (log.isIndexed(record)) yield record
}

function* streamResponses(log: EventLog, options: ReadReq.Options): Iterable<ReadResp> {
  const name = messages.streamName(options.getStream()!.getStreamIdentifier())
  const history = log.stream(name)
  if (history?.tombstoned) throw streamDeletedError(name)
  if (!history?.isThere || !log.isIndexed(history.first)) yield messages.streamNotFoundMessage(name)
  else yield* upTo(Number(options.getCount()), indexed(log, history.visible(...streamRange(options))))
}

const streamRange = (options: ReadReq.Options): [from: number | 'start' | 'end', step: 1 | -1] => {
  const stream = options.getStream()!
  const step = options.getReadDirection() === BACKWARDS ? -1 : 1
  if (stream.hasStart()) return ['start', step]
  return [stream.hasEnd() ? 'end' : Number(stream.getRevision()), step]
}

/** Forward is inclusive, backward exclusive. */
function* everything(log: EventLog, options: ReadReq.Options): Iterable<LogRecord> {
  const all = options.getAll()!
  const at = all.hasPosition() ? log.indexOf(Number(all.getPosition()!.getCommitPosition())) : undefined
  if (options.getReadDirection() === BACKWARDS) {
    for (let index = (at ?? (all.hasEnd() ? log.records.length : 0)) - 1; index >= 0; index--) yield log.records[index]!
  } else {
    for (let index = at ?? (all.hasEnd() ? log.records.length : 0); index < log.records.length; index++) {
      yield log.records[index]!
    }
  }
}

function* upTo(count: number, records: Iterable<LogRecord>): Iterable<ReadResp> {
  let left = count
  for (const record of records) {
    if (left-- <= 0) return
    yield messages.eventMessage(record)
  }
}
