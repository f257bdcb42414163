import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import { readOnlyName } from '../../lib/sqlite-file.ts'
import {
  type EventText,
  type IndexRow,
  type OpenTextReader,
  type SharedTexts,
  StoreCorrupted,
  type TextReader,
} from '../event-store.ts'
import { isCorrupt } from './errors.ts'
import { type Page, pageForward, type RowMapper, unreadable } from './read-page.ts'

type TextRow = readonly [number, string, number, string, string]

const toText = ([position, stream, revision, time, json]: TextRow): EventText => {
  // One column of a table without its constraints may be nothing, and with it the whole text.
  if (typeof json !== 'string' || typeof time !== 'string') throw new StoreCorrupted({ position }, 'it is no event')
  return { position, stream, revision, time, json }
}

/** As EventText has them; put together here, it is one text to fetch and not eight. */
const TEXTS = `SELECT position, stream, revision, time,
    '{"data":' || data || ',"id":"' || id || '","metadata":' || metadata || ',"revision":' || revision ||
    ',"stream":"' || stream || '","type":"' || type || '"}'
  FROM events WHERE position > ? AND position <= ? ORDER BY position LIMIT ?`

const INDEX = `SELECT stream, revision, position FROM stream_index
  WHERE (stream, revision) > (?, ?) ORDER BY stream, revision LIMIT ?`

const INDEX_ROWS = 1000

/** The log and its index of streams as they are written down, for whoever looks at what stands there. */
export class RawEventReader implements TextReader {
  readonly #texts: RowMapper<TextRow, EventText>
  readonly #index: StatementSync
  readonly #indexSize: StatementSync
  readonly #hidden: StatementSync

  constructor(database: DatabaseSync) {
    const statement = database.prepare(TEXTS)
    statement.setReturnArrays(true)
    this.#texts = { statement, make: toText, matches: () => true }
    this.#index = database.prepare(INDEX)
    this.#index.setReturnArrays(true)
    this.#indexSize = database.prepare('SELECT count(*) AS count FROM stream_index')
    this.#hidden = database.prepare('SELECT count(*) AS count FROM events WHERE position < 1')
  }

  page(after: Position, to: Position, limit: number): Page<EventText> {
    return pageForward(this.#texts, after, to, limit)
  }

  *index(): Iterable<readonly IndexRow[]> {
    try {
      let left = Number(this.#indexSize.get()?.count)
      for (let [stream, revision] = ['', -1]; ; ) {
        const rows = this.#index.all(stream, revision, INDEX_ROWS) as unknown as IndexRow[]
        yield rows
        left -= rows.length
        if (left < 0) throw new StoreCorrupted({}, 'the index of streams goes in circles')
        const last = rows.at(-1)
        if (last === undefined || rows.length < INDEX_ROWS) return
        ;[stream, revision] = last
      }
    } catch (error) {
      if (error instanceof StoreCorrupted) throw error
      if (isCorrupt(error)) throw new StoreCorrupted({}, (error as Error).message, { cause: error })
      throw unreadable(error)
    }
  }

  hidden(): number {
    return Number(this.#hidden.get()?.count)
  }
}

/** Opens a log that this process has open to read. */
export const openTextReader: OpenTextReader = file =>
  new RawEventReader(new DatabaseSync(readOnlyName(file), { readOnly: true }))

export const sharedTexts = (file: string): SharedTexts => ({ file, module: import.meta.url })
