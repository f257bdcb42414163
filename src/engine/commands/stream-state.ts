import { BEGINNING, type Position } from '../../../schemas/events/recorded-event.ts'
import { type EventStore, NO_STREAM, StoreUnavailable } from '../../event-store/event-store.ts'
import { lastEventOf } from '../../event-store/last-event.ts'
import type { Projector } from '../read-models/projector.ts'
import type { ReadModels } from '../read-models/read-models.ts'
import { aggregateStream } from './aggregate-stream.ts'
import type { Subject } from './pending-command.ts'

/** Where a stream stands: what the next command is decided on. */
export interface StreamState {
  readonly state: unknown
  readonly revision: number
  /** Of its last event, where this engine has just read or written it. */
  readonly position: Position
  /**
   * The stream ends here, and the read side shows it. Rows may be behind what others have done: where an append is made
   * on them it tells, and where none is, it must be made certain.
   */
  readonly isCertain: boolean
}

/** Tells where streams stand, as cheaply as it can be known. */
export class StreamStates {
  readonly #store: EventStore
  readonly #models: ReadModels
  readonly #projector: Projector

  constructor(store: EventStore, models: ReadModels, projector: Projector) {
    this.#store = store
    this.#models = models
    this.#projector = projector
  }

  /**
   * From rows: they are as good a ground for a decision as the stream itself. But those that stand in for a read model
   * under rebuild may not be what this version would make of the stream.
   */
  async load(subject: Subject): Promise<StreamState> {
    if (this.#models.isRebuilding(subject.kind.model)) return this.read(subject)
    return { ...this.#shown(subject), position: BEGINNING, isCertain: false }
  }

  #shown({ kind, command }: Subject): Pick<StreamState, 'state' | 'revision'> {
    return kind.known(this.#models, command.namespace, command.name)
  }

  /**
   * What the store itself has; it is awaited on the read side too, for whatever is answered then.
   *
   * @throws StoreUnavailable where it answers with less than is shown: a node of a cluster may lag when it takes over
   */
  async read(subject: Subject): Promise<StreamState> {
    const { kind, stream } = subject
    const { revision: shown } = this.#shown(subject)
    const read = await aggregateStream(this.#store, stream, kind.decider)
    if (read.revision < shown) throw new StoreUnavailable('the event store does not have all that it had: try again')
    await this.#projector.reached(read.position)
    return { ...read, isCertain: true }
  }

  /** Where the stream still ends where it was believed to, what was believed holds; else it is read. */
  async makeCertain(subject: Subject, known: StreamState): Promise<StreamState> {
    const last = await lastEventOf(this.#store, subject.stream)
    if ((last?.revision ?? NO_STREAM) !== known.revision) return this.read(subject)
    if (last === undefined) return { ...known, isCertain: true }
    await this.#projector.reached(last.position)
    return { ...known, position: last.position, isCertain: true }
  }
}
