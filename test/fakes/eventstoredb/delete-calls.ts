import shared from '@eventstore/db-client/generated/shared_pb.js'
import type { DeleteReq, DeleteResp, TombstoneReq, TombstoneResp } from '@eventstore/db-client/generated/streams_pb.js'
import streams from '@eventstore/db-client/generated/streams_pb.js'
import type { handleUnaryCall } from '@grpc/grpc-js'
import type { EventLog } from './log.ts'
import { streamName } from './messages.ts'

export const remove =
  (log: EventLog): handleUnaryCall<DeleteReq, DeleteResp> =>
  (call, reply) => {
    log.softDelete(streamName(call.request.getOptions()!.getStreamIdentifier()))
    reply(null, new streams.DeleteResp().setNoPosition(new shared.Empty()))
  }

export const tombstone =
  (log: EventLog): handleUnaryCall<TombstoneReq, TombstoneResp> =>
  (call, reply) => {
    log.tombstone(streamName(call.request.getOptions()!.getStreamIdentifier()))
    reply(null, new streams.TombstoneResp().setNoPosition(new shared.Empty()))
  }
