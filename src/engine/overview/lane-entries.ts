export interface LaneEntry {
  readonly position: number
  readonly time: number
  readonly type: number
  readonly codes: number
  readonly message: number
}

/** Columns, because a lane has thousands of entries. Arrays are longer than `length`. */
export interface LaneColumns {
  length: number
  position: Float64Array
  time: Float64Array
  type: Uint32Array
  codes: Uint16Array
  message: Uint32Array
}

const SMALLEST = 1024

export const emptyColumns = (capacity = SMALLEST): LaneColumns => ({
  length: 0,
  position: new Float64Array(capacity),
  time: new Float64Array(capacity),
  type: new Uint32Array(capacity),
  codes: new Uint16Array(capacity),
  message: new Uint32Array(capacity),
})

const grow = (columns: LaneColumns): void => {
  const larger = emptyColumns(columns.position.length * 2)
  for (const name of ['position', 'time', 'type', 'codes', 'message'] as const) {
    larger[name].set(columns[name])
    Object.assign(columns, { [name]: larger[name] })
  }
}

/** Numbers of seven bits a byte, lowest first. */
class Writer {
  #bytes = new Uint8Array(256)
  #length = 0

  number(value: number): void {
    if (this.#length + 8 > this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2)
      larger.set(this.#bytes)
      this.#bytes = larger
    }
    let rest = value
    // Positions and times exceed the 32 bits of bitwise operators.
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#bytes[this.#length++] = 128 + (rest % 128)
    this.#bytes[this.#length++] = rest
  }

  get bytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }
}

/**
 * About eight bytes an entry, oldest first. Times must not decrease.
 *
 * @param before the entry whose bytes these will follow
 */
export const encodeEntries = (entries: readonly LaneEntry[], before?: LaneEntry): Uint8Array => {
  const writer = new Writer()
  let { position, time } = before ?? { position: 0, time: 0 }
  for (const entry of entries) {
    writer.number(entry.position - position)
    writer.number(entry.time - time)
    writer.number(entry.type)
    writer.number(entry.codes)
    writer.number(entry.message)
    position = entry.position
    time = entry.time
  }
  return writer.bytes
}

const SQLITE_CORRUPT = 11

const damaged = (): Error => Object.assign(new Error('entries of a lane cannot be read'), { errcode: SQLITE_CORRUPT })

/** @throws Error with SQLite's code for a corrupted file */
export const decodeEntries = (bytes: Uint8Array, columns: LaneColumns): void => {
  let at = 0
  const number = (): number => {
    let byte = bytes[at++] as number
    if (byte < 128) return byte
    let value = byte - 128
    for (let factor = 128; ; factor *= 128) {
      if (at >= bytes.length) throw damaged()
      byte = bytes[at++] as number
      if (byte < 128) return value + byte * factor
      value += (byte - 128) * factor
    }
  }
  let [position, time] = [0, 0]
  while (at < bytes.length) {
    if (columns.length === columns.position.length) grow(columns)
    const place = columns.length
    position += number()
    time += number()
    columns.position[place] = position
    columns.time[place] = time
    columns.type[place] = number()
    columns.codes[place] = number()
    columns.message[place] = number()
    if (at > bytes.length) throw damaged()
    columns.length += 1
  }
}

export const entryAt = (columns: LaneColumns, place: number): LaneEntry => ({
  position: columns.position[place] as number,
  time: columns.time[place] as number,
  type: columns.type[place] as number,
  codes: columns.codes[place] as number,
  message: columns.message[place] as number,
})
