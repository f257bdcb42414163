import type { DomainEvent } from '../../../schemas/events/events.ts'
import { BEGINNING, type Position } from '../../../schemas/events/recorded-event.ts'
import { type EventStore, NO_STREAM, StoreUnavailable } from '../../event-store/event-store.ts'
import { lastEventOf } from '../../event-store/last-event.ts'
import { decodeEvent } from '../read-models/decode-event.ts'
import type { Projector } from '../read-models/projector.ts'
import type { ReadModels } from '../read-models/read-models.ts'
import type { Subject } from './pending-command.ts'

interface AggregateState<State> {
  readonly state: State
  readonly revision: number
  readonly position: Position
}

export const aggregateStream = async <State>(
  store: EventStore,
  stream: string,
  decider: { readonly initial: State; evolve(state: State, event: DomainEvent): State },
): Promise<AggregateState<State>> => {
  let aggregate = { state: decider.initial, revision: NO_STREAM, position: BEGINNING }
  for await (const recorded of store.readStream(stream)) {
    const event = decodeEvent(recorded)
    const state = event === undefined ? aggregate.state : decider.evolve(aggregate.state, event as DomainEvent)
    aggregate = { state, revision: recorded.revision, position: recorded.position }
  }
  return aggregate
}

export interface StreamState extends AggregateState<unknown> {
  /** Rows may lag behind the stream. */
  readonly isConfirmed: boolean
}

export class StreamStates {
  readonly #store: EventStore
  readonly #models: ReadModels
  readonly #projector: Projector

  constructor(store: EventStore, models: ReadModels, projector: Projector) {
    this.#store = store
    this.#models = models
    this.#projector = projector
  }

  /** From the row, or undefined during a rebuild, when old rows may have another state. */
  shown({ resource, stream, command }: Subject): StreamState | undefined {
    if (this.#models.isRebuilding(resource.model)) return undefined
    return { ...resource.loadState(this.#models, stream, command), position: BEGINNING, isConfirmed: false }
  }

  async load(subject: Subject): Promise<StreamState> {
    return this.shown(subject) ?? this.read(subject)
  }

  /**
   * Resolves once the read side shows the state.
   *
   * @throws StoreUnavailable if the store lags behind the read side
   */
  async read({ resource, stream, command }: Subject): Promise<StreamState> {
    const { revision: shown } = resource.loadState(this.#models, stream, command)
    const aggregate = await aggregateStream(this.#store, stream, resource.decider)
    if (aggregate.revision < shown) throw new StoreUnavailable('the event store lacks events that it had: try again')
    await this.#projector.reached(aggregate.position)
    return { ...aggregate, isConfirmed: true }
  }

  async confirm(subject: Subject, state: StreamState): Promise<StreamState> {
    const last = await lastEventOf(this.#store, subject.stream)
    if ((last?.revision ?? NO_STREAM) !== state.revision) return this.read(subject)
    if (last === undefined) return { ...state, isConfirmed: true }
    await this.#projector.reached(last.position)
    return { ...state, position: last.position, isConfirmed: true }
  }
}
