import type { DomainEvent } from '../../../schemas/events/events.ts'
import type { KnownResults } from './idempotency.ts'
import { needsReadModel, type PendingCommand } from './pending-command.ts'
import type { Endpoint } from './resource-definition.ts'
import type { StreamState } from './stream-state.ts'

const MAX_EVENTS = 200

export interface DecidedCommand {
  readonly pending: PendingCommand
  readonly events: readonly DomainEvent[]
}

export interface Decision {
  readonly events: readonly DomainEvent[]
  readonly answer?: () => void
}

export type DecidedOn = Pick<StreamState, 'state' | 'revision'>

export interface Batch {
  readonly decided: readonly DecidedCommand[]
  readonly consumed: number
  readonly after: unknown
  readonly needsConfirmation?: boolean
  readonly endpoint?: Endpoint
}

/**
 * Decides commands that may share an append. One that reserves an endpoint has its own; one that needs the read model
 * or has no events waits until earlier ones are shown.
 */
export const decideBatch = (
  commands: readonly PendingCommand[],
  known: StreamState,
  results: KnownResults,
  decide: (pending: PendingCommand, on: DecidedOn, results: KnownResults) => Decision,
): Batch => {
  const decided: DecidedCommand[] = []
  let { state } = known
  let eventCount = 0
  let consumed = 0
  const cut = (): Batch => ({ decided, consumed, after: state })
  for (const pending of commands) {
    if (decided.length > 0 && needsReadModel(pending)) return cut()
    const { events, answer } = decide(pending, { state, revision: known.revision + eventCount }, results)
    if (answer !== undefined) {
      if (decided.length > 0) return cut()
      if (!known.isConfirmed && !isRepeated(pending, results)) return { ...cut(), needsConfirmation: true }
      answer()
      consumed += 1
      continue
    }
    const after = events.reduce<unknown>(pending.resource.decider.evolve, state)
    const endpoint = newEndpoint(pending, state, after)
    if (decided.length > 0 && (endpoint !== undefined || eventCount + events.length > MAX_EVENTS)) return cut()
    decided.push({ pending, events })
    consumed += 1
    eventCount += events.length
    state = after
    if (endpoint !== undefined) return { ...cut(), endpoint }
  }
  return cut()
}

const isRepeated = ({ options: { commandId } }: PendingCommand, results: KnownResults): boolean =>
  commandId !== undefined && results.has(commandId)

const newEndpoint = ({ resource, command }: PendingCommand, before: unknown, after: unknown): Endpoint | undefined => {
  if (resource.hasSameEndpoint(before, after)) return undefined
  const endpoint = resource.endpoint(command.namespace, after)
  return endpoint?.stream === resource.endpoint(command.namespace, before)?.stream ? undefined : endpoint
}
