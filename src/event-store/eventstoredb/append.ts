import {
  type AppendToStreamOptions,
  type AppendResult as ClientAppendResult,
  type EventData,
  jsonEvent,
  NO_STREAM as MUST_NOT_EXIST,
} from '@eventstore/db-client'
import { BEGINNING, type Position } from '../../../schemas/events/recorded-event.ts'
import { first } from '../../lib/first.ts'
import {
  type AppendResult,
  type EventToAppend,
  NO_STREAM,
  StoreCorrupted,
  WrongExpectedRevision,
} from '../event-store.ts'
import { type SerializedEvent, serializeAppend } from '../validate-append.ts'
import type { CallContext } from './call-context.ts'
import { toAppendError } from './errors.ts'
import { isHarkStream } from './hark-streams.ts'
import { readStream } from './read-stream.ts'
import { CallTimeout, RetryBudget, withTimeout } from './retry.ts'
import { toSafeInteger, withRecordedTime } from './to-recorded-event.ts'

/** The client sends the deadline as a time of this machine's clock, so it allows for skew. */
const RECEIVE_WITHIN_MS = 24 * 60 * 60 * 1000

const ATTEMPTS = 4

const encoder = new TextEncoder()

/**
 * Repeats an append without a response, as the server writes the same ids at the same revision once. The server reports
 * a dropped repetition only after 2 s, so the response to any attempt counts.
 */
export const append = async (
  context: CallContext,
  stream: string,
  expectedRevision: number,
  events: readonly EventToAppend[],
): Promise<AppendResult> => {
  const serialized = serializeAppend(stream, events)
  if (events.length === 0) return appendNothing(context, stream, expectedRevision)
  const messages = serialized.map(toMessage)
  const options: AppendToStreamOptions = {
    expectedRevision: expectedRevision === NO_STREAM ? MUST_NOT_EXIST : BigInt(expectedRevision),
    deadline: RECEIVE_WITHIN_MS,
  }
  const budget = new RetryBudget(context)
  const silentForMs = context.timeoutMs / ATTEMPTS
  let sent: Promise<ClientAppendResult>[] = []
  for (;;) {
    try {
      sent.push(context.client.appendToStream(stream, messages, options))
      const { nextExpectedRevision, position } = await withTimeout(
        Math.min(silentForMs, budget.leftMs),
        Promise.race(sent),
      )
      const revision = toSafeInteger(nextExpectedRevision)
      assertContinuous(stream, expectedRevision + events.length, revision)
      const appended = {
        revision,
        position: position ? toSafeInteger(position.commit) : await positionOf(context, stream, revision),
      }
      context.knownEnds.record({ stream, ...appended })
      return appended
    } catch (error) {
      const refusal = toAppendError(error, stream, expectedRevision)
      if (refusal instanceof WrongExpectedRevision) context.knownEnds.recordRevision(stream, refusal.actual)
      if (refusal) throw refusal
      // A slow server may still respond to earlier attempts.
      if (!(error instanceof CallTimeout)) sent = []
      await budget.afterFailure(error)
    }
  }
}

/**
 * A deleted stream continues after its former revisions.
 *
 * @throws StoreCorrupted if it is a stream of Hark
 */
const assertContinuous = (stream: string, expected: number, revision: number): void => {
  if (revision === expected || !isHarkStream(stream)) return
  throw new StoreCorrupted({ stream, revision }, 'the stream was deleted before it')
}

/** The client returns a wrong revision for an append without events. */
const appendNothing = async (context: CallContext, stream: string, expectedRevision: number): Promise<AppendResult> => {
  const last = await first(readStream(context, stream, { direction: 'backward', limit: 1 }))
  const revision = last?.revision ?? NO_STREAM
  if (revision !== expectedRevision) throw new WrongExpectedRevision(stream, expectedRevision, revision)
  return { revision, position: last?.position ?? BEGINNING }
}

const positionOf = async (context: CallContext, stream: string, revision: number): Promise<Position> => {
  const event = await first(readStream(context, stream, { from: revision, limit: 1 }))
  return event?.position ?? BEGINNING
}

/** The client takes metadata as bytes. */
const toMessage = ({ event: { id, type, data, metadata, time }, metadata: json }: SerializedEvent): EventData =>
  jsonEvent({
    id,
    type,
    data: data as Record<string, unknown>,
    metadata: encoder.encode(time === undefined ? json : JSON.stringify(withRecordedTime(metadata, time))),
  })
