import shared from '@eventstore/db-client/generated/shared_pb.js'
import type { Status } from '@eventstore/db-client/generated/status_pb.js'
import status from '@eventstore/db-client/generated/status_pb.js'
import type { BatchAppendReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js'
import streams from '@eventstore/db-client/generated/streams_pb.js'
import any from 'google-protobuf/google/protobuf/any_pb.js'
import empty from 'google-protobuf/google/protobuf/empty_pb.js'
import type { ExpectedRevision, LogRecord, ProposedEvent } from './log.ts'

const { ReadEvent, Checkpoint, CaughtUp, StreamNotFound, SubscriptionConfirmation } = streams.ReadResp

/** EventStoreDB counts time in ticks of 100 ns. */
const TICKS_PER_MS = 10_000n

export const eventMessage = (record: LogRecord): ReadResp => {
  const position = String(record.position)
  const recorded = new ReadEvent.RecordedEvent()
    .setId(new shared.UUID().setString(record.id))
    .setStreamIdentifier(streamIdentifier(record.stream))
    .setStreamRevision(BigInt(record.revision).toString())
    .setCommitPosition(position)
    .setPreparePosition(position)
    .setData(record.data)
    .setCustomMetadata(record.metadata)
  recorded
    .getMetadataMap()
    .set('type', record.type)
    .set('content-type', record.contentType)
    .set('created', String(BigInt(record.createdMs) * TICKS_PER_MS))
  return new streams.ReadResp().setEvent(new ReadEvent().setEvent(recorded).setCommitPosition(position))
}

export const checkpointMessage = (position: number): ReadResp =>
  new streams.ReadResp().setCheckpoint(
    new Checkpoint().setCommitPosition(String(position)).setPreparePosition(String(position)),
  )

export const confirmationMessage = (): ReadResp =>
  new streams.ReadResp().setConfirmation(new SubscriptionConfirmation().setSubscriptionId(crypto.randomUUID()))

export const caughtUpMessage = (): ReadResp => new streams.ReadResp().setCaughtUp(new CaughtUp())

export const streamNotFoundMessage = (stream: string): ReadResp =>
  new streams.ReadResp().setStreamNotFound(new StreamNotFound().setStreamIdentifier(streamIdentifier(stream)))

const streamIdentifier = (stream: string) =>
  new shared.StreamIdentifier().setStreamName(new TextEncoder().encode(stream))

export const streamName = (identifier: { getStreamName_asU8(): Uint8Array } | undefined): string =>
  identifier ? new TextDecoder().decode(identifier.getStreamName_asU8()) : ''

export const expectedRevision = (options: BatchAppendReq.Options): ExpectedRevision => {
  if (options.hasNoStream()) return 'no_stream'
  if (options.hasStreamExists()) return 'stream_exists'
  return options.hasAny() ? 'any' : Number(options.getStreamPosition())
}

export const proposedEvent = (message: BatchAppendReq.ProposedMessage): ProposedEvent => ({
  id: message.getId()?.getString() ?? '',
  type: message.getMetadataMap().get('type') ?? '',
  contentType: message.getMetadataMap().get('content-type') ?? '',
  data: message.getData_asU8(),
  metadata: message.getCustomMetadata_asU8(),
})

export const wrongExpectedVersion = (expected: ExpectedRevision, actual: number | 'no_stream'): Status => {
  const nothing = new empty.Empty()
  const detail = new shared.WrongExpectedVersion()
  if (actual === 'no_stream') detail.setCurrentNoStream(nothing)
  else detail.setCurrentStreamRevision(String(actual))
  if (expected === 'no_stream') detail.setExpectedNoStream(nothing)
  else if (expected === 'stream_exists') detail.setExpectedStreamExists(nothing)
  else if (expected === 'any') detail.setExpectedAny(nothing)
  else detail.setExpectedStreamPosition(String(expected))
  return failure('WrongExpectedVersion', detail.serializeBinary())
}

export const maximumAppendSizeExceeded = (limit: number): Status =>
  failure('MaximumAppendSizeExceeded', new shared.MaximumAppendSizeExceeded().setMaxappendsize(limit).serializeBinary())

export const streamDeleted = (stream: string): Status =>
  failure('StreamDeleted', new shared.StreamDeleted().setStreamIdentifier(streamIdentifier(stream)).serializeBinary())

export const badRequest = (message: string): Status =>
  failure('BadRequest', new shared.BadRequest().setMessage(message).serializeBinary())

export const timeout = (): Status => failure('Timeout', new shared.Timeout().serializeBinary())

/** This error has no details: clients recognize it by its message. */
export const serverIsNotReady = (): Status => {
  const details = new any.Any()
  details.pack(new empty.Empty().serializeBinary(), 'google.protobuf.Empty')
  return new status.Status().setMessage('Server Is Not Ready').setDetails(details)
}

const failure = (name: string, detail: Uint8Array): Status => {
  const details = new any.Any()
  details.pack(detail, `event_store.client.${name}`)
  return new status.Status().setMessage(name).setDetails(details)
}
