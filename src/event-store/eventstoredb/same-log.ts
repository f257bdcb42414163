import { type AllStreamResolvedEvent, FORWARDS } from '@eventstore/db-client'
import type { Position, RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { formatPosition } from '../../../schemas/events/recorded-event.ts'
import { first } from '../../lib/first.ts'
import { AnotherLog, type EventMark, formatLocation } from '../event-store.ts'
import type { CallContext } from './call-context.ts'
import { closed } from './errors.ts'
import { ServerLagging } from './lag-detector.ts'
import { logPosition } from './log-position.ts'
import { callForEnd } from './read-all.ts'
import { readStream } from './read-stream.ts'
import { chunksOf } from './resumed-read.ts'
import { backoffDelays, pause } from './retry-budget.ts'
import { CallTimeout } from './with-timeout.ts'

const LONGEST_PAUSE_MS = 2_000

export class LagTimer {
  readonly #context: CallContext
  #since: number | undefined

  constructor(context: CallContext) {
    this.#context = context
  }

  /** Returns whether the lag exceeds that of any server. */
  isOverdue(): boolean {
    const now = this.#context.now()
    this.#since ??= now
    return now - this.#since >= this.#context.settleMs
  }

  reset(): void {
    this.#since = undefined
  }
}

export interface Progress {
  readonly position: Position
  readonly last: RecordedEvent | undefined
}

/**
 * Resuming in another log would miss its earlier events.
 *
 * @throws ServerLagging if the last event may still appear
 * @throws AnotherLog otherwise
 */
export const assertSameLog = async (context: CallContext, standing: Progress, lagTimer: LagTimer): Promise<void> => {
  const { last, position } = standing
  const end = await callForEnd(context, context.timeoutMs, true)
  const there = last && end >= last.position ? await readEventAt(context, last.position) : undefined
  if (last === undefined ? end >= position : there !== undefined && isSame(there, last)) return lagTimer.reset()
  const seen = `the log was read up to ${formatPosition(last?.position ?? position)}, and`
  if (there !== undefined) throw new AnotherLog(last ?? { position }, `${seen} another event is there`)
  const ends = end < (last?.position ?? position)
  const fault = ends ? `${seen} ends at ${formatPosition(end)}` : `${seen} no event begins there`
  if (lagTimer.isOverdue()) throw new AnotherLog({ position: ends ? end : position }, fault)
  throw new ServerLagging(fault)
}

type ThereEvent = NonNullable<AllStreamResolvedEvent['event']>

const isSame = ({ id, streamId, revision, position }: ThereEvent, last: RecordedEvent): boolean =>
  id === last.id &&
  streamId === last.stream &&
  revision === BigInt(last.revision) &&
  position.commit === BigInt(last.position)

/** The server reports an error if no event begins there. */
const readEventAt = async (context: CallContext, at: Position): Promise<ThereEvent | undefined> => {
  const options = { direction: FORWARDS, fromPosition: logPosition(at), maxCount: 1, requiresLeader: true } as const
  try {
    for await (const [first] of chunksOf<AllStreamResolvedEvent>(
      context,
      context.client.readAll(options),
      context.timeoutMs,
    ))
      return first?.event
  } catch (error) {
    if (error instanceof CallTimeout) throw error
    // Throws if the server is lost.
    await callForEnd(context, context.timeoutMs, true)
  }
  return undefined
}

export const holds = async (
  context: CallContext,
  { stream, revision, id }: EventMark,
  signal: AbortSignal,
  onLag: (lag: ServerLagging) => void,
): Promise<boolean> => {
  const lagTimer = new LagTimer(context)
  const pauses = backoffDelays(LONGEST_PAUSE_MS)
  while (!signal.aborted) {
    const event = await first(readStream(context, stream, { from: revision, limit: 1 }))
    if (event !== undefined) return event.id === id
    if (lagTimer.isOverdue()) return false
    onLag(new ServerLagging(`${formatLocation({ stream, revision })} is not there`))
    await pause(pauses.next().value, signal)
  }
  throw closed()
}
