import { setImmediate as tick } from 'node:timers/promises'
import { BEGINNING } from '../../../../schemas/events/recorded-event.ts'
import type { WrittenLog } from '../../../event-store/event-store.ts'
import { type FoldedIndex, type FoldKey, foldIndex } from '../index-fingerprint.ts'
import type { LogPages, NumberedPage, StreamIndex } from './open.ts'
import { PageWriter } from './page.ts'
import { readPages } from './read.ts'

/** Of a store that has its texts to itself. */
export class WrittenPages implements LogPages {
  readonly index: StreamIndex
  readonly #written: WrittenLog
  readonly #writer = new PageWriter()

  constructor(written: WrittenLog) {
    this.#written = written
    const fold = async (key: FoldKey): Promise<FoldedIndex> => foldIndex(written, key)
    this.index = { upTo: written.indexed, hidden: () => written.hidden(), fold }
  }

  async *pages(): AsyncIterable<NumberedPage> {
    for (const page of readPages(this.#written, this.#writer, BEGINNING, this.#written.end)) {
      yield { page, reader: 0 }
      await tick()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
