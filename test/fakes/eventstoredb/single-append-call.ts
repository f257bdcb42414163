import shared from '@eventstore/db-client/generated/shared_pb.js'
import type { AppendReq, AppendResp } from '@eventstore/db-client/generated/streams_pb.js'
import streams from '@eventstore/db-client/generated/streams_pb.js'
import { type handleClientStreamingCall, status } from '@grpc/grpc-js'
import { WRITE_TIMEOUT_MS } from './append-calls.ts'
import type { FailureMode } from './failure-mode.ts'
import type { EventLog, ExpectedRevision } from './log.ts'
import { proposedEvent, streamName } from './messages.ts'
import { rpcError, streamDeletedError, writeTimedOut } from './rpc-errors.ts'

/** One append in its own call, which the client uses if the call has credentials. */
export const appendOne =
  (log: EventLog, mood: FailureMode): handleClientStreamingCall<AppendReq, AppendResp> =>
  (call, reply) => {
    const requests: AppendReq[] = []
    call.on('data', (request: AppendReq) => requests.push(request))
    call.on('end', () => {
      mood.whenWorking(() => {
        if (mood.starting || mood.preLeader) return reply(rpcError(status.UNAVAILABLE, 'Server Is Not Ready'))
        const options = requests[0]!.getOptions()!
        const stream = streamName(options.getStreamIdentifier())
        const events = requests.slice(1).map(request => proposedEvent(request.getProposedMessage()!))
        const outcome = log.append(stream, expectedRevision(options), events)
        if (outcome.kind === 'deleted') return reply(streamDeletedError(stream))
        if (outcome.kind === 'dropped') return void setTimeout(() => reply(writeTimedOut()), WRITE_TIMEOUT_MS).unref()
        const answer = outcome.kind === 'success' ? success(outcome) : wrongExpectedVersion(outcome.actual, options)
        mood.answering(() => reply(null, answer))
      })
    })
  }

const expectedRevision = (options: AppendReq.Options): ExpectedRevision => {
  if (options.hasNoStream()) return 'no_stream'
  if (options.hasStreamExists()) return 'stream_exists'
  return options.hasAny() ? 'any' : Number(options.getRevision())
}

const success = ({ revision, position }: { revision: number; position: number }): AppendResp => {
  const at = new streams.AppendResp.Position().setCommitPosition(String(position)).setPreparePosition(String(position))
  const success = new streams.AppendResp.Success().setPosition(at).setCurrentRevision(String(revision))
  return new streams.AppendResp().setSuccess(success)
}

const wrongExpectedVersion = (actual: number | 'no_stream', options: AppendReq.Options): AppendResp => {
  const nothing = new shared.Empty()
  const answer = new streams.AppendResp.WrongExpectedVersion()
  if (actual === 'no_stream') answer.setCurrentNoStream(nothing)
  else answer.setCurrentRevision(String(actual))
  if (options.hasNoStream()) answer.setExpectedNoStream(nothing)
  else if (options.hasStreamExists()) answer.setExpectedStreamExists(nothing)
  else if (options.hasAny()) answer.setExpectedAny(nothing)
  else answer.setExpectedRevision(options.getRevision())
  return new streams.AppendResp().setWrongExpectedVersion(answer)
}
