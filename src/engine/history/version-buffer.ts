import type { Change, TableDefinition } from '../../../projections/kit/table.ts'
import type { HarkEvent } from '../../../schemas/events/events.ts'
import { createMergePatch } from '../../lib/json-merge-patch.ts'
import { bodyAt, endAt, HEAD_BYTES, type Mark, markAt, typeAt, VERSION_KIND, writeHead } from './version-codec.ts'

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
const MOST_DIFFERENCES = 8
/** Memory is taken in pieces: one that grows leaves behind what it has outgrown. */
const PIECE_BYTES = 64 * 1024
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
  /** Those that are full. */
  readonly #pieces: Uint8Array[] = []
  #fullBytes = 0
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
    return this.#fullBytes + this.#length
  }

  note(
    { position, time, type }: Pick<HarkEvent, 'position' | 'time' | 'type'>,
    { key, before, after }: Pick<Change<{ row: Row }>, 'key' | 'before' | 'after'>,
  ): void {
    if (time !== this.#lastText) {
      this.#lastText = time
      this.#lastTime = Date.parse(time)
    }
    const row = this.#known(key)
    if (after === undefined) this.#add(row.number, position, VERSION_KIND.gone, type, '')
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
    const patch = before === undefined ? undefined : createMergePatch(before, after)
    // What is the same is no version, however long ago it was noted whole.
    if (before !== undefined && patch === undefined) return
    if (patch === undefined || row.differences >= MOST_DIFFERENCES) {
      row.differences = 0
      this.#add(row.number, position, VERSION_KIND.whole, type, JSON.stringify(after))
      return
    }
    row.differences += 1
    this.#add(row.number, position, VERSION_KIND.different, type, JSON.stringify(patch))
  }

  #add(number: number, position: number, mark: number, type: string, body: string): void {
    this.#makeRoomFor(NUMBER_BYTES + HEAD_BYTES + type.length + body.length * BYTES_PER_CHARACTER)
    const at = this.#length
    const length = this.#bytes.write(type + body, at + NUMBER_BYTES + HEAD_BYTES, 'utf8')
    const head = { position, time: this.#lastTime, mark: mark as Mark, typeLength: type.length, length }
    this.#view.setUint32(at, number, true)
    writeHead(this.#view, at + NUMBER_BYTES, head)
    this.#length = at + NUMBER_BYTES + HEAD_BYTES + length
  }

  #makeRoomFor(size: number): void {
    if (this.#length + size <= this.#bytes.length) return
    if (this.#length > 0) this.#pieces.push(this.#written())
    this.#fullBytes += this.#length
    const memory = new SharedArrayBuffer(Math.max(PIECE_BYTES, size))
    this.#bytes = Buffer.from(memory)
    this.#view = new DataView(memory)
    this.#length = 0
  }

  #written(): Uint8Array {
    return new Uint8Array(this.#bytes.buffer, 0, this.#length)
  }

  /** All of them, for `decodeVersions`. */
  encoded(): readonly Uint8Array[] {
    return [...this.#pieces, this.#written()]
  }
}

/** What was noted, put together by row. */
export const decodeVersions = (encoded: readonly Uint8Array[]): { rows: VersionsOfRow[]; filings: Filing[] } => {
  const keys: string[] = []
  const parts: Buffer[][] = []
  const filings: Filing[] = []
  for (const { buffer, byteOffset, byteLength } of encoded) {
    const piece = Buffer.from(buffer, byteOffset, byteLength)
    for (let at = 0; at < piece.length; ) {
      const [number, begin] = [piece.readUInt32LE(at), at + NUMBER_BYTES]
      const mark: number = markAt(piece, begin)
      at = endAt(piece, begin)
      if (mark === NOTE.key) {
        keys[number] = bodyAt(piece, begin)
        parts[number] = []
      } else if (mark === NOTE.filing) {
        filings.push({ index: typeAt(piece, begin), value: bodyAt(piece, begin), key: keys[number] as string })
      } else parts[number]?.push(piece.subarray(begin, at))
    }
  }
  const rows = keys.map((key, number) => ({ key, versions: Buffer.concat(parts[number] as Buffer[]) }))
  return { rows: rows.filter(({ versions }) => versions.length > 0), filings }
}
