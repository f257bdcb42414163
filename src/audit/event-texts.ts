import type { Position } from '../../schemas/recorded-event.ts'
import { LOG_PREFIXES } from '../../schemas/streams.ts'
import type { EventStore, EventText } from '../store/event-store.ts'
import { canonicalEvent } from './event-hash.ts'

const AT_ONCE = 500

/**
 * Every event of Hark's after a position, in the order of the log, some at a time. Where a store has texts they are those that
 * stand there; else they are canonical.
 *
 * @throws StoreDamaged as a store does, once what is before it was given
 */
export async function* eventTexts(store: EventStore, after: Position): AsyncIterable<readonly EventText[]> {
  if (store.readTexts !== undefined) {
    yield* store.readTexts({ after, prefixes: LOG_PREFIXES })
    return
  }
  let texts: EventText[] = []
  try {
    for await (const event of store.readAll({ from: after, prefixes: LOG_PREFIXES })) {
      const { position, stream, revision, time } = event
      texts.push({ position, stream, revision, time, json: canonicalEvent(event) })
      if (texts.length < AT_ONCE) continue
      yield texts
      texts = []
    }
  } catch (error) {
    yield texts
    throw error
  }
  yield texts
}
