import shared from '@eventstore/db-client/generated/shared_pb.js'
import type { BatchAppendReq } from '@eventstore/db-client/generated/streams_pb.js'
import streams from '@eventstore/db-client/generated/streams_pb.js'
import { NO_STREAM } from '../../event-store.ts'
import type { SerializedEvent } from '../../validate-append.ts'
import { withRecordedTime } from '../to-recorded-event.ts'

const encoder = new TextEncoder()

/** The client's own encoder makes base64 of the data and serializes each event twice. */
export const appendRequest = (
  stream: string,
  expectedRevision: number,
  events: readonly SerializedEvent[],
): BatchAppendReq =>
  events.reduce(
    (request, event) => {
      request.addProposedMessages(proposedMessage(event))
      return request
    },
    new streams.BatchAppendReq().setOptions(appendOptions(stream, expectedRevision)).setIsFinal(true),
  )

const appendOptions = (stream: string, expectedRevision: number): BatchAppendReq.Options => {
  const identifier = new shared.StreamIdentifier().setStreamName(encoder.encode(stream))
  const options = new streams.BatchAppendReq.Options().setStreamIdentifier(identifier)
  return expectedRevision === NO_STREAM
    ? options.setNoStream(new shared.Empty())
    : options.setStreamPosition(String(expectedRevision))
}

const proposedMessage = ({ event, data, metadata }: SerializedEvent): BatchAppendReq.ProposedMessage => {
  const { id, type, time } = event
  const custom = time === undefined ? metadata : JSON.stringify(withRecordedTime(event.metadata, time))
  const message = new streams.BatchAppendReq.ProposedMessage()
    .setId(new shared.UUID().setString(id))
    .setData(encoder.encode(data))
    .setCustomMetadata(encoder.encode(custom))
  message.getMetadataMap().set('type', type).set('content-type', 'application/json')
  return message
}
