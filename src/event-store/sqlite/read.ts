import { setImmediate as nextTurn } from 'node:timers/promises'
import { BEGINNING, type RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { type ReadAllOptions, type ReadStreamOptions, StoreCorrupted, type StoredEvent } from '../event-store.ts'
import { streamFilter } from '../stream-filter.ts'
import type { SqliteLog } from './log.ts'
import { PAGE } from './read-page.ts'

/** Readers of a few events stop early; later pages are larger. */
const FIRST_PAGE = 100

export async function* readStream(
  log: SqliteLog,
  stream: string,
  options: ReadStreamOptions,
): AsyncGenerator<RecordedEvent, void> {
  const { direction = 'forward', limit = Number.POSITIVE_INFINITY } = options
  const step = direction === 'forward' ? 1 : -1
  let from = options.from ?? (direction === 'forward' ? 0 : Number.MAX_SAFE_INTEGER)
  let expected = direction === 'forward' ? from : undefined
  for (let left = limit; left > 0; ) {
    log.assertOpen()
    const wanted = Math.min(PAGE, left)
    const page = log.streamPage(stream, from, direction, wanted)
    for (const event of page) {
      expected ??= event.revision
      if (event.revision !== expected) throw missing(stream, expected)
      yield event
      expected += step
    }
    const last = page.at(-1)
    if (last === undefined || page.length < wanted) {
      if (direction === 'backward' && expected !== undefined && expected >= 0) throw missing(stream, expected)
      return
    }
    left -= page.length
    from = last.revision + step
  }
}

export async function* readAll(log: SqliteLog, options: ReadAllOptions): AsyncGenerator<StoredEvent, void> {
  const { direction = 'forward', limit = Number.POSITIVE_INFINITY, prefixes, withJson } = options
  const matches = streamFilter(prefixes)
  const to = log.head
  let from =
    direction === 'forward' ? Math.max(options.from ?? BEGINNING, BEGINNING) : Math.min(options.from ?? to + 1, to + 1)
  let size = FIRST_PAGE
  for (let left = limit; left > 0; ) {
    log.assertOpen()
    const page =
      direction === 'forward'
        ? log.table.page(from, to, size, matches, withJson)
        : log.table.pageBackward(from, size, matches)
    size = PAGE
    // Each `yield*` of an array would cost a microtask more per event.
    for (const event of page.events.slice(0, left)) yield event
    if (page.atEnd) return
    left -= page.events.length
    from = page.last
    await nextTurn()
  }
}

const missing = (stream: string, revision: number): StoreCorrupted =>
  new StoreCorrupted({ stream, revision }, 'the event is missing')
