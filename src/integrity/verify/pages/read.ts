import type { Position } from '../../../../schemas/events/recorded-event.ts'
import { StoreCorrupted, type TextReader } from '../../../event-store/event-store.ts'
import { damageOf, type LogPage, type PageWriter } from './page.ts'

const AT_ONCE = 1000

/** The events after a position, up to and including another, with what is damaged among them. */
export function* readPages(reader: TextReader, writer: PageWriter, after: Position, to: Position): Iterable<LogPage> {
  for (let at = after; at < to; ) {
    try {
      const { events, last } = reader.page(at, to, AT_ONCE)
      if (last === at) return
      at = last
      yield writer.write(events)
    } catch (error) {
      if (!(error instanceof StoreCorrupted)) throw error
      yield writer.write([], damageOf(error))
      // Where it cannot be told how far it is damaged, nothing can be read on.
      at = error.upTo ?? to
    }
  }
}
