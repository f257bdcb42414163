import { BEGINNING, type Position } from '../../../../schemas/events/recorded-event.ts'
import { LOG_PREFIXES } from '../../../../schemas/events/streams.ts'
import { type EventStore, type EventText, StoreCorrupted } from '../../../event-store/event-store.ts'
import { canonicalEvent } from '../../hash-chain/event-hash.ts'
import type { LogPages, NumberedPage } from './open.ts'
import { damageOf, PageWriter } from './page.ts'

const AT_ONCE = 500

/** Of a store that has no texts: those that its events would have. */
export class CanonicalPages implements LogPages {
  readonly index = undefined
  readonly #store: EventStore
  readonly #writer = new PageWriter()

  constructor(store: EventStore) {
    this.#store = store
  }

  async *pages(): AsyncIterable<NumberedPage> {
    let texts: EventText[] = []
    const page = (error?: StoreCorrupted): NumberedPage => {
      const given = texts
      texts = []
      return { page: this.#writer.write(given, error && damageOf(error)), reader: 0 }
    }
    for (let from: Position | undefined = BEGINNING; from !== undefined; ) {
      const options = { from, prefixes: LOG_PREFIXES, allowGaps: true }
      try {
        for await (const event of this.#store.readAll(options)) {
          const { position, stream, revision, time } = event
          texts.push({ position, stream, revision, time, json: canonicalEvent(event) })
          if (texts.length === AT_ONCE) yield page()
        }
        yield page()
        from = undefined
      } catch (error) {
        if (!(error instanceof StoreCorrupted)) throw error
        yield page(error)
        from = error.upTo
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
