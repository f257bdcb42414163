import { randomUUID } from 'node:crypto'
import type { Command } from '../../../schemas/commands.ts'
import { conflict, notFound } from '../../../schemas/errors.ts'
import type { DomainEvent } from '../../../schemas/events/events.ts'
import { formatPosition, type Position } from '../../../schemas/events/recorded-event.ts'
import type { ReadModels } from '../read-models/read-models.ts'
import { type Endpoint, resourceOf } from './resource-definition.ts'
import type { StreamState, StreamStates } from './stream-state.ts'

export interface PreviewRequest {
  readonly command: Command
  readonly uid?: string | undefined
  /** The spec must be unchanged since this version; status may change. */
  readonly since?: Position | undefined
  readonly expectedResourceVersion?: Position | undefined
  readonly mustExist?: boolean
}

export interface Preview {
  readonly events: readonly DomainEvent[]
  readonly from?: Endpoint | undefined
  readonly to?: Endpoint | undefined
  readonly revision?: number | undefined
}

export type PreviewOutcome = Preview | { readonly rejection: unknown }

export const isReplacement = (events: readonly DomainEvent[]): boolean =>
  events.length > 1 && (events[0] as DomainEvent).type.endsWith('Deleted')

const hasVersion = ({ uid, since, expectedResourceVersion }: PreviewRequest): boolean =>
  [uid, since, expectedResourceVersion].some(version => version !== undefined)

export class Previews {
  readonly #states: StreamStates
  readonly #models: ReadModels

  constructor(states: StreamStates, models: ReadModels) {
    this.#states = states
    this.#models = models
  }

  /** Ends at the first rejection. */
  async of(requests: readonly PreviewRequest[]): Promise<readonly PreviewOutcome[]> {
    const { command } = requests[0] as PreviewRequest
    const resource = resourceOf(command.type)
    const subject = { resource, stream: resource.stream(command), command }
    const known = await this.#states.load(subject)
    if (!requests.some(hasVersion)) {
      const outcomes = this.#decide(requests, known)
      if (!outcomes.some(outcome => 'rejection' in outcome)) return outcomes
    }
    // A lagging row must not cause a rejection.
    return this.#decide(requests, await this.#states.confirm(subject, known))
  }

  #decide(requests: readonly PreviewRequest[], known: StreamState): readonly PreviewOutcome[] {
    const outcomes: PreviewOutcome[] = []
    let { state, revision } = known
    for (const request of requests) {
      const { command } = request
      const { namespace } = command
      const resource = resourceOf(command.type)
      try {
        if (hasVersion(request)) this.#checkVersion(request, { ...known, state }, revision !== known.revision)
        const events = resource.decider.decide({ ...command, newUid: randomUUID() }, state)
        const after = events.reduce<unknown>(resource.decider.evolve, state)
        const endpoints = { from: resource.endpoint(namespace, state), to: resource.endpoint(namespace, after) }
        outcomes.push({ events, ...endpoints, ...(hasVersion(request) && { revision }) })
        state = after
        revision += events.length
      } catch (rejection) {
        outcomes.push({ rejection })
        break
      }
    }
    return outcomes
  }

  /** Creates a missing resource whatever its manifest's version, unless it must exist. */
  #checkVersion(request: PreviewRequest, { state, position }: StreamState, hasChanged: boolean): void {
    const { command, uid, since, expectedResourceVersion: expected, mustExist } = request
    const resource = resourceOf(command.type)
    const current = resource.uid(state)
    if (current === undefined && mustExist) throw notFound(resource.kind, command.namespace, command.name)
    if (current === undefined) return
    const version = resource.row(this.#models, resource.stream(command), command)?.resourceVersion ?? position
    const isStale = since !== undefined && (hasChanged || since < position || since > version)
    const isOther = (uid !== undefined && uid !== current) || (expected !== undefined && expected !== version)
    if (isStale || isOther) throw conflict(resource.kind, command.name, formatPosition(version))
  }
}
