import shared from '@eventstore/db-client/generated/shared_pb.js'
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js'
import streams from '@eventstore/db-client/generated/streams_pb.js'
import type { ClientReadableStream } from '@grpc/grpc-js'
import { BEGINNING, type Position } from '../../../../schemas/events/recorded-event.ts'
import { logPosition } from '../log-position.ts'
import type { SubscriptionMessage } from './subscription-message.ts'

export type ReadCall = ClientReadableStream<SubscriptionMessage>
export type OpenRead = (request: ReadReq) => Promise<ReadCall>

const { Options } = streams.ReadReq

/** Events searched before the server reports its position. */
const SEARCH_WINDOW = 1_000
export const PAGE = 1_000

const NO_SYSTEM_STREAM = '^[^$]'
const NO_STREAM_AT_ALL = '^$'

/** @param prefixes default: all but system streams */
export const subscribeRequest = (after: Position, prefixes: readonly string[] | undefined): ReadReq =>
  new streams.ReadReq().setOptions(filteredOptions(after, prefixes).setSubscription(new Options.SubscriptionOptions()))

/** @param from position of an event, which is included */
export const pageRequest = (from: Position, prefixes: readonly string[]): ReadReq =>
  new streams.ReadReq().setOptions(filteredOptions(from, prefixes).setCount(String(PAGE)))

const filteredOptions = (position: Position, prefixes: readonly string[] | undefined): ReadReq.Options =>
  new Options()
    .setAll(startAt(position))
    .setUuidOption(new Options.UUIDOption().setString(new shared.Empty()))
    .setFilter(
      new Options.FilterOptions()
        .setStreamIdentifier(streamNames(prefixes))
        .setMax(SEARCH_WINDOW)
        .setCheckpointintervalmultiplier(1),
    )

const startAt = (position: Position): ReadReq.Options.AllOptions => {
  const all = new Options.AllOptions()
  if (position === BEGINNING) return all.setStart(new shared.Empty())
  const { commit, prepare } = logPosition(position)
  return all.setPosition(new Options.Position().setCommitPosition(`${commit}`).setPreparePosition(`${prepare}`))
}

const streamNames = (prefixes: readonly string[] | undefined): ReadReq.Options.FilterOptions.Expression => {
  const expression = new Options.FilterOptions.Expression()
  if (prefixes?.length) return expression.setPrefixList([...prefixes])
  return expression.setRegex(prefixes ? NO_STREAM_AT_ALL : NO_SYSTEM_STREAM)
}
