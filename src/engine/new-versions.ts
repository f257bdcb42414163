import { difference } from '../../projections/difference.ts'
import type { Change, TableDefinition } from '../../projections/table.ts'
import type { HarkEvent } from '../../schemas/events.ts'
import { bodyAt, endAt, HEAD_BYTES, MARK, type Mark, markAt, typeAt, writeHead } from './row-versions.ts'

/** An index files a row under this value, from some version of it on. */
interface Filing {
  readonly index: string
  readonly value: string
  readonly key: string
}

/** The versions of one row, oldest first, one behind the other. */
interface VersionsOfRow {
  readonly key: string
  readonly versions: Buffer
}

/** Among the versions of rows stands what else is to be known of a row, each with the row's number before it. */
const NOTE = { key: 0x10, filing: 0x11 } as const
const NUMBER_BYTES = 4

/** So many differences follow one another before a row is noted whole again: putting a row together takes as many steps. */
const MOST_DIFFERENCES = 12
const FIRST_BYTES = 64 * 1024
/** What UTF-8 takes at most of a character of a text. */
const BYTES_PER_CHARACTER = 3

interface KnownRow {
  readonly number: number
  /** In a row, since it was noted whole. */
  differences: number
}

/**
 * The versions of one table's rows that are not written down yet, in bytes that a thread can read where they are: as
 * objects, and as copies of them for the thread, they would cost more than projecting does.
 */
export class NewVersions<Row> {
  readonly #indexes: readonly (readonly [string, (row: Row) => string | undefined])[]
  readonly #rows = new Map<string, KnownRow>()
  #bytes: Buffer = Buffer.alloc(0)
  #view: DataView = new DataView(new ArrayBuffer(0))
  #length = 0
  /** Many versions come of one event. */
  #lastText = ''
  #lastTime = Number.NaN

  constructor({ indexes = {}, history }: TableDefinition<Row>) {
    this.#indexes = Object.entries(indexes).filter(([name]) => history?.indexes.includes(name))
  }

  /** How many bytes wait. */
  get size(): number {
    return this.#length
  }

  note(
    { position, time, type }: Pick<HarkEvent, 'position' | 'time' | 'type'>,
    { key, before, after }: Pick<Change<{ row: Row }, 'row'>, 'key' | 'before' | 'after'>,
  ): void {
    if (after === undefined && before === undefined) return
    if (time !== this.#lastText) {
      this.#lastText = time
      this.#lastTime = Date.parse(time)
    }
    const row = this.#known(key)
    if (after === undefined) this.#add(row.number, position, MARK.gone, type, '')
    else {
      this.#noteRow(row, position, type, before as object | undefined, after as object)
      for (const [index, filedUnder] of this.#indexes) {
        const value = filedUnder(after)
        if (value !== undefined && (before === undefined || filedUnder(before) !== value))
          this.#add(row.number, position, NOTE.filing, index, value)
      }
    }
  }

  #known(key: string): KnownRow {
    let row = this.#rows.get(key)
    if (row === undefined) {
      row = { number: this.#rows.size, differences: 0 }
      this.#rows.set(key, row)
      this.#add(row.number, 0, NOTE.key, '', key)
    }
    return row
  }

  #noteRow(row: KnownRow, position: number, type: string, before: object | undefined, after: object): void {
    if (before === undefined || row.differences >= MOST_DIFFERENCES) {
      row.differences = 0
      this.#add(row.number, position, MARK.whole, type, JSON.stringify(after))
      return
    }
    const patch = difference(before, after)
    if (patch === undefined) return
    row.differences += 1
    this.#add(row.number, position, MARK.different, type, JSON.stringify(patch))
  }

  #add(number: number, position: number, mark: number, type: string, body: string): void {
    const at = this.#length
    this.#makeRoomFor(NUMBER_BYTES + HEAD_BYTES + type.length + body.length * BYTES_PER_CHARACTER)
    const length = this.#bytes.write(type + body, at + NUMBER_BYTES + HEAD_BYTES, 'utf8')
    const head = { position, time: this.#lastTime, mark: mark as Mark, typeLength: type.length, length }
    this.#view.setUint32(at, number, true)
    writeHead(this.#view, at + NUMBER_BYTES, head)
    this.#length = at + NUMBER_BYTES + HEAD_BYTES + length
  }

  #makeRoomFor(size: number): void {
    const old = this.#bytes
    if (this.#length + size <= old.length) return
    const memory = new SharedArrayBuffer(Math.max(old.length * 2, this.#length + size, FIRST_BYTES))
    this.#bytes = Buffer.from(memory)
    this.#view = new DataView(memory)
    old.copy(this.#bytes, 0, 0, this.#length)
  }

  /** All of them, for `decodeVersions`. */
  encoded(): Uint8Array {
    return new Uint8Array(this.#bytes.buffer, 0, this.#length)
  }
}

/** What was noted, put together by row. */
export const decodeVersions = (encoded: Uint8Array): { rows: VersionsOfRow[]; filings: Filing[] } => {
  const all = Buffer.from(encoded.buffer, encoded.byteOffset, encoded.byteLength)
  const keys: string[] = []
  const sizes: number[] = []
  const filings: Filing[] = []
  const places: number[] = []
  for (let at = 0; at < all.length; ) {
    const [number, begin] = [all.readUInt32LE(at), at + NUMBER_BYTES]
    const mark: number = markAt(all, begin)
    at = endAt(all, begin)
    if (mark === NOTE.key) {
      keys[number] = bodyAt(all, begin)
      sizes[number] = 0
    } else if (mark === NOTE.filing) {
      filings.push({ index: typeAt(all, begin), value: bodyAt(all, begin), key: keys[number] as string })
    } else {
      sizes[number] = (sizes[number] as number) + at - begin
      places.push(number, begin, at)
    }
  }
  const rows = keys.map((key, number) => ({ key, versions: Buffer.alloc(sizes[number] as number), filled: 0 }))
  for (let place = 0; place < places.length; place += 3) {
    const [number, begin, end] = places.slice(place, place + 3) as [number, number, number]
    const row = rows[number] as (typeof rows)[number]
    row.filled += all.copy(row.versions, row.filled, begin, end)
  }
  return { rows: rows.filter(({ versions }) => versions.length > 0), filings }
}
