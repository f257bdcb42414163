import { BEGINNING, type Position } from '../../../../schemas/events/recorded-event.ts'
import { first } from '../../../lib/first.ts'
import {
  type AppendResult,
  type EventToAppend,
  NO_STREAM,
  StoreCorrupted,
  type StreamAppend,
  WrongExpectedRevision,
} from '../../event-store.ts'
import { serializeAppend } from '../../validate-append.ts'
import type { CallContext } from '../call-context.ts'
import { toAppendError } from '../errors.ts'
import { isHarkStream } from '../hark-streams.ts'
import { readStream } from '../read-stream.ts'
import { RetryBudget } from '../retry-budget.ts'
import { CallTimeout, withTimeout } from '../with-timeout.ts'
import type { AppendResponse } from './append-response.ts'
import type { SharedTimeout } from './shared-timeout.ts'

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
  const request = { stream, expectedRevision, events: serializeAppend(stream, events) }
  if (events.length === 0) return appendNothing(context, stream, expectedRevision)
  context.sentEvents.add(request.events)
  const budget = new RetryBudget(context)
  let sent: Promise<AppendResponse>[] = []
  for (;;) {
    try {
      sent.push(context.appends.append(request))
      const response = await within(context.appendTimeout, budget.leftMs, sent)
      return await toResult(context, { stream, expectedRevision, events }, response)
    } catch (error) {
      const refusal = toAppendError(error, stream, expectedRevision)
      if (refusal instanceof WrongExpectedRevision) context.lagDetector.recordRevision(stream, refusal.actual)
      if (refusal) {
        for (const { id } of events) context.sentEvents.remove(id)
        throw refusal
      }
      // A slow server may still respond to earlier attempts.
      if (!(error instanceof CallTimeout)) sent = []
      await budget.afterFailure(error)
    }
  }
}

const within = (timeout: SharedTimeout, leftMs: number, sent: readonly Promise<AppendResponse>[]) => {
  const response = sent.length === 1 ? (sent[0] as Promise<AppendResponse>) : Promise.race(sent)
  return leftMs < timeout.ms ? withTimeout(leftMs, response) : timeout.within(response)
}

/** @throws StoreCorrupted if the stream was deleted before */
export const toResult = async (
  context: CallContext,
  { stream, expectedRevision, events }: StreamAppend,
  { revision, position }: AppendResponse,
): Promise<AppendResult> => {
  assertContinuous(stream, expectedRevision + events.length, revision)
  const result = { revision, position: position ?? (await positionOf(context, stream, revision)) }
  context.lagDetector.record({ stream, ...result })
  context.ownAppends.record(stream, result.position)
  return result
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
