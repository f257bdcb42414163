import shared from '@eventstore/db-client/generated/shared_pb.js'
import type { Status } from '@eventstore/db-client/generated/status_pb.js'
import type { BatchAppendReq, BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js'
import streams from '@eventstore/db-client/generated/streams_pb.js'
import type { handleBidiStreamingCall } from '@grpc/grpc-js'
import empty from 'google-protobuf/google/protobuf/empty_pb.js'
import type { FailureMode } from './failure-mode.ts'
import type { EventLog, ProposedEvent } from './log.ts'
import * as messages from './messages.ts'

/** EventStoreDB's default limit, which counts only the data. */
const MAX_APPEND_SIZE = 1024 * 1024

/** After this time the server reports that a dropped append timed out. */
export const WRITE_TIMEOUT_MS = 2_000

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i
const NIL_UUID = '00000000-0000-0000-0000-000000000000'

interface Pending {
  readonly options: BatchAppendReq.Options
  readonly events: ProposedEvent[]
}

/** Appends arrive interleaved on one call, each in one or more messages with the same correlation id. */
export const batchAppend =
  (
    log: EventLog,
    mood: FailureMode,
    ended: () => AbortSignal,
  ): handleBidiStreamingCall<BatchAppendReq, BatchAppendResp> =>
  call => {
    const pending = new Map<string, Pending>()
    call.on('data', (request: BatchAppendReq) => {
      const id = request.getCorrelationId()!.getString()
      const options = request.getOptions()
      if (options) pending.set(id, { options, events: [] })
      const append = pending.get(id)
      if (!append) return
      append.events.push(...request.getProposedMessagesList().map(messages.proposedEvent))
      const refusal = sizeOf(append.events) > MAX_APPEND_SIZE && messages.maximumAppendSizeExceeded(MAX_APPEND_SIZE)
      if (!refusal && !request.getIsFinal()) return
      pending.delete(id)
      mood.whenWorking(() => {
        const respond = (response: BatchAppendResp) => {
          response
            .setCorrelationId(new shared.UUID().setString(id))
            .setStreamIdentifier(append.options.getStreamIdentifier())
          mood.answering(() => call.writableEnded || call.write(response))
        }
        const response = refusal ? new streams.BatchAppendResp().setError(refusal) : answer(log, mood, append)
        if (response) respond(response)
        else
          setTimeout(
            () => respond(new streams.BatchAppendResp().setError(messages.timeout())),
            WRITE_TIMEOUT_MS,
          ).unref()
      })
    })
    const end = () => call.end()
    ended().addEventListener('abort', end, { once: true })
    call.on('end', end)
    call.on('error', () => {})
  }

/** Returns undefined if the append is dropped. */
const answer = (log: EventLog, mood: FailureMode, { options, events }: Pending): BatchAppendResp | undefined => {
  const response = new streams.BatchAppendResp()
  if (mood.starting || mood.preLeader) return response.setError(messages.serverIsNotReady())
  const stream = messages.streamName(options.getStreamIdentifier())
  const complaint = complaintAbout(stream, events)
  if (complaint) return response.setError(messages.badRequest(complaint))
  const expected = messages.expectedRevision(options)
  const outcome = log.append(stream, expected, events)
  if (outcome.kind === 'dropped') return undefined
  return outcome.kind === 'success'
    ? response.setSuccess(success(outcome.revision, outcome.position))
    : response.setError(failure(stream, expected, outcome))
}

const complaintAbout = (stream: string, events: readonly ProposedEvent[]): string | undefined => {
  if (stream === '') return 'Value cannot be null or empty. (Parameter streamId)'
  if (!events.every(event => UUID.test(event.id) && event.id !== NIL_UUID)) return 'Unrecognized Guid format.'
  return events.every(event => event.type !== '') ? undefined : 'Empty eventType provided.'
}

const failure = (
  stream: string,
  expected: ReturnType<typeof messages.expectedRevision>,
  outcome: Exclude<ReturnType<EventLog['append']>, { kind: 'success' | 'dropped' }>,
): Status =>
  outcome.kind === 'deleted' ? messages.streamDeleted(stream) : messages.wrongExpectedVersion(expected, outcome.actual)

const success = (revision: number, position: number): BatchAppendResp.Success => {
  const at = new shared.AllStreamPosition().setCommitPosition(String(position)).setPreparePosition(String(position))
  const success = new streams.BatchAppendResp.Success().setPosition(at)
  return revision < 0 ? success.setNoStream(new empty.Empty()) : success.setCurrentRevision(String(revision))
}

const sizeOf = (events: readonly ProposedEvent[]): number => events.reduce((sum, event) => sum + event.data.length, 0)
