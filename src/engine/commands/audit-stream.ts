import { type EventStore, type EventToAppend, NO_STREAM, WrongExpectedRevision } from '../../event-store/event-store.ts'

const MAX_ATTEMPTS = 50

/** A stream to which several engines append without looking at what is there. */
export class AuditStream {
  readonly #store: EventStore
  readonly #stream: string
  #revision: number | undefined

  constructor(store: EventStore, stream: string) {
    this.#store = store
    this.#stream = stream
  }

  /** @throws StoreUnavailable, or WrongExpectedRevision if others append all the time */
  async append(events: readonly EventToAppend[]): Promise<void> {
    let expected = this.#revision ?? NO_STREAM
    for (let attempt = 1; ; attempt++) {
      try {
        this.#revision = (await this.#store.append(this.#stream, expected, events)).revision
        return
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision) || attempt === MAX_ATTEMPTS) throw error
        expected = error.actual
      }
    }
  }
}
