import { type AllStreamResolvedEvent, FORWARDS } from '@eventstore/db-client'
import type { Position, RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { formatPosition } from '../../../schemas/events/recorded-event.ts'
import { first } from '../../lib/first.ts'
import { AnotherLog, type EventMark, placeText } from '../event-store.ts'
import type { Session } from './call-context.ts'
import { closed } from './errors.ts'
import { Lag } from './known-ends.ts'
import { askEndOfLog } from './read-all.ts'
import { readStream } from './read-stream.ts'
import { arrivalsOf } from './resumed-read.ts'
import { backoffDelays, CallTimeout, pause } from './retry.ts'
import { logPosition } from './subscribe-call.ts'

const LONGEST_PAUSE_MS = 2_000

/** For how long a server has answered with less than was read of it, and with nothing else in between. */
export class Shortness {
  readonly #session: Session
  #since: number | undefined

  constructor(session: Session) {
    this.#session = session
  }

  /** Notes one more such answer, and tells whether they have gone on for longer than any server lags. */
  lasts(): boolean {
    const now = this.#session.now()
    this.#since ??= now
    return now - this.#since >= this.#session.settleMs
  }

  /** The server answered otherwise, or not at all: it may have been away, and may lag again. */
  end(): void {
    this.#since = undefined
  }
}

/** Where a subscription stands: up to where it searched, and what it delivered last. */
export interface Standing {
  readonly position: Position
  readonly last: RecordedEvent | undefined
}

/**
 * A server is not always the one that it was: to go on in another log would be to miss what that has before.
 *
 * @throws Lag where what was read of it is not there, and may be yet
 * @throws AnotherLog where it will not be
 */
export const mustBeSameLog = async (session: Session, standing: Standing, shortness: Shortness): Promise<void> => {
  const { last, position } = standing
  const end = await askEndOfLog(session, session.timeoutMs, true)
  const there = last && end >= last.position ? await askEventAt(session, last.position) : undefined
  if (last === undefined ? end >= position : there !== undefined && isSame(there, last)) return shortness.end()
  const seen = `the log was read up to ${formatPosition(last?.position ?? position)}, and`
  if (there !== undefined) throw new AnotherLog(last ?? { position }, `${seen} another event is there`)
  const ends = end < (last?.position ?? position)
  const fault = ends ? `${seen} ends at ${formatPosition(end)}` : `${seen} no event begins there`
  if (shortness.lasts()) throw new AnotherLog({ position: ends ? end : position }, fault)
  throw new Lag(fault)
}

type ThereEvent = NonNullable<AllStreamResolvedEvent['event']>

const isSame = ({ id, streamId, revision, position }: ThereEvent, last: RecordedEvent): boolean =>
  id === last.id &&
  streamId === last.stream &&
  revision === BigInt(last.revision) &&
  position.commit === BigInt(last.position)

/** Undefined where no event begins there, which the server has an error of its own for. */
const askEventAt = async (session: Session, at: Position): Promise<ThereEvent | undefined> => {
  const options = { direction: FORWARDS, fromPosition: logPosition(at), maxCount: 1, requiresLeader: true } as const
  try {
    for await (const [first] of arrivalsOf<AllStreamResolvedEvent>(
      session,
      session.client.readAll(options),
      session.timeoutMs,
    ))
      return first?.event
  } catch (error) {
    if (error instanceof CallTimeout) throw error
    // A server that is away does not answer this either.
    await askEndOfLog(session, session.timeoutMs, true)
  }
  return undefined
}

/** Whether an event that was read earlier is where it was in its stream. */
export const holds = async (
  session: Session,
  { stream, revision, id }: EventMark,
  signal: AbortSignal,
  onLag: (lag: Lag) => void,
): Promise<boolean> => {
  const shortness = new Shortness(session)
  const pauses = backoffDelays(LONGEST_PAUSE_MS)
  while (!signal.aborted) {
    const event = await first(readStream(session, stream, { from: revision, limit: 1 }))
    if (event !== undefined) return event.id === id
    if (shortness.lasts()) return false
    onLag(new Lag(`${placeText({ stream, revision })} is not there`))
    await pause(pauses.next().value, signal)
  }
  throw closed()
}
