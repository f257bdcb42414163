import type { DomainEvent } from '../../../schemas/events/events.ts'
import type { KnownResults } from './idempotency.ts'
import { asksReadSide, type PendingCommand } from './pending-command.ts'
import type { Endpoint } from './resource-registry.ts'
import type { StreamState } from './stream-state.ts'

/** More events than this do not go into one append. */
const MAX_EVENTS = 200

export interface DecidedCommand {
  readonly job: PendingCommand
  readonly events: readonly DomainEvent[]
}

/** The events of a command; where there are none, how it is answered. */
export interface Decision {
  readonly events: readonly DomainEvent[]
  readonly answer?: () => void
}

/** Where the stream of a job would stand when it is its turn. */
export type DecidedOn = Pick<StreamState, 'state' | 'revision'>

/** What goes into one append, and how many of the jobs that settles. */
export interface Batch {
  readonly decided: readonly DecidedCommand[]
  readonly taken: number
  /** The state of the stream once this is appended. */
  readonly after: unknown
  /** The next job can only be answered where the stream is known for certain. */
  readonly needsCertainty?: boolean
  /** The endpoint that the one command of this batch wants. */
  readonly endpoint?: Endpoint
}

/**
 * Decides jobs from the first on, as many as may share an append. One that needs an endpoint has an append of its own, so
 * that its claim can carry it; one that asks the read side, or comes to nothing, waits until those before it are done and
 * shown. Jobs that come to nothing are answered here, where that is certain.
 */
export const decideBatch = (
  jobs: readonly PendingCommand[],
  known: StreamState,
  remembered: KnownResults,
  decide: (job: PendingCommand, on: DecidedOn, remembered: KnownResults) => Decision,
): Batch => {
  const decided: DecidedCommand[] = []
  let { state } = known
  let eventCount = 0
  for (const [index, job] of jobs.entries()) {
    const cut = { decided, taken: index, after: state }
    if (decided.length > 0 && asksReadSide(job)) return cut
    const { events, answer } = decide(job, { state, revision: known.revision + eventCount }, remembered)
    if (answer !== undefined) {
      if (decided.length > 0) return cut
      if (!known.isCertain && !wasDoneBefore(job, remembered)) return { ...cut, needsCertainty: true }
      answer()
      continue
    }
    const after = events.reduce<unknown>(job.kind.decider.evolve, state)
    const endpoint = wantedEndpoint(job, state, after)
    if (decided.length > 0 && (endpoint !== undefined || eventCount + events.length > MAX_EVENTS)) return cut
    decided.push({ job, events })
    eventCount += events.length
    state = after
    if (endpoint !== undefined) return { decided, taken: index + 1, after, endpoint }
  }
  return { decided, taken: jobs.length, after: state }
}

const wasDoneBefore = ({ options: { commandId } }: PendingCommand, remembered: KnownResults): boolean =>
  commandId !== undefined && remembered.has(commandId)

/** The endpoint that a resource would hold after a command and does not hold yet. */
const wantedEndpoint = ({ kind, command }: PendingCommand, before: unknown, after: unknown): Endpoint | undefined => {
  const wanted = kind.endpoint(command.namespace, after)
  return wanted?.stream === kind.endpoint(command.namespace, before)?.stream ? undefined : wanted
}
