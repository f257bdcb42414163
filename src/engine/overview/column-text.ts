import type { Marks, Segment } from './lane-cells.ts'
import { LANE_LETTERS } from './lane-status.ts'
import type { ColumnText } from './types.ts'

type TextOf = (id: number) => string

const ZERO = 48
const [COMMA, MINUS, OPEN, CLOSE] = [44, 45, 91, 93]
/** Larger numbers are two halves that fit in 32 bits. */
const HALF = 1e9
const HALF_DIGITS = 9
const MOST_CHARACTERS = 17

let characters = Buffer.allocUnsafe(16 * 1024)

/** The two digits of each number below 100: one division gives two characters. */
const PAIRS = Uint8Array.from({ length: 200 }, (_, place) =>
  place % 2 === 0 ? ZERO + Math.floor(place / 20) : ZERO + ((place >> 1) % 10),
)

/** @param value below {@link HALF}; filled with zeros up to `from` */
const putDigits = (bytes: Uint8Array, value: number, from: number, end: number): void => {
  let at = end
  let rest = value | 0
  while (rest >= 100) {
    const hundreds = (rest / 100) | 0
    const pair = (rest - hundreds * 100) * 2
    bytes[--at] = PAIRS[pair + 1] as number
    bytes[--at] = PAIRS[pair] as number
    rest = hundreds
  }
  if (rest >= 10) {
    bytes[--at] = PAIRS[rest * 2 + 1] as number
    bytes[--at] = PAIRS[rest * 2] as number
  } else bytes[--at] = ZERO + rest
  while (at > from) bytes[--at] = ZERO
}

const putWide = (bytes: Uint8Array, value: number, from: number, end: number): void => {
  const high = Math.floor(value / HALF)
  putDigits(bytes, value - high * HALF, end - HALF_DIGITS, end)
  putDigits(bytes, high, from, end - HALF_DIGITS)
}

const NOT_ASCII = /[^\0-\x7f]/g
const HEX = 16

/** With other characters escaped, so that each takes one byte. */
const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replace(NOT_ASCII, unit => `\\u${unit.charCodeAt(0).toString(HEX).padStart(4, '0')}`)

/** Texts of kilobytes are made at once: their parts would be garbage. */
export class JsonWriter {
  #at = 0

  /** @param text of ASCII characters */
  text(text: string): void {
    this.#reserve(text.length)
    this.#at += characters.write(text, this.#at, 'latin1')
  }

  /**
   * An array of the first numbers, in a tenth of the time of `JSON.stringify`.
   *
   * @param values whole numbers; from 0 on after the subtraction of `base`, or -1
   */
  array(values: Float64Array, length: number, base = 0): void {
    this.#reserve(length * (MOST_CHARACTERS + 1) + 2)
    const bytes = characters
    let at = this.#at
    bytes[at++] = OPEN
    // Numbers mostly ascend, so that the next one mostly has as many digits.
    let [digits, limit] = [1, 10]
    for (let place = 0; place < length; place += 1) {
      if (place > 0) bytes[at++] = COMMA
      const value = (values[place] as number) - base
      if (value < 0) {
        bytes[at++] = MINUS
        bytes[at++] = ZERO + 1
        continue
      }
      if (value < 10) {
        bytes[at++] = ZERO + value
        continue
      }
      if (value * 10 < limit) [digits, limit] = [1, 10]
      while (value >= limit) {
        digits += 1
        limit *= 10
      }
      const end = at + digits
      if (value < HALF) putDigits(bytes, value, at, end)
      else putWide(bytes, value, at, end)
      at = end
    }
    bytes[at] = CLOSE
    this.#at = at + 1
  }

  /** Returns the text, and begins another one. */
  take(): string {
    const text = characters.toString('latin1', 0, this.#at)
    this.#at = 0
    return text
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= characters.length) return
    const larger = Buffer.allocUnsafe((this.#at + bytes) * 2)
    characters.copy(larger, 0, 0, this.#at)
    characters = larger
  }
}

const writer = new JsonWriter()

/** Numbers values in order of first occurrence. */
class Distinct<Value> {
  readonly values: Value[] = []
  readonly #indexes = new Map<Value, number>()

  indexOf(value: Value): number {
    const known = this.#indexes.get(value)
    if (known !== undefined) return known
    const index = this.values.push(value) - 1
    this.#indexes.set(value, index)
    return index
  }
}

/** Reused for each column: calls of a function for each number would take most of the time. */
let scratch = new Float64Array(1024)

const scratchOf = (length: number): Float64Array => {
  if (scratch.length < length) scratch = new Float64Array(length * 2)
  return scratch
}

export const segmentText = (segments: readonly Segment[], from: number, textOf: TextOf): ColumnText => {
  const { length } = segments
  const column = scratchOf(length)
  const messages = new Distinct<string>()
  let letters = ''
  for (let place = 0; place < length; place += 1) {
    const { start, code } = segments[place] as Segment
    column[place] = start
    letters += LANE_LETTERS[code]
  }
  writer.text('{"from":')
  writer.array(column, length, from)
  writer.text(`,"status":"${letters}","changes":`)
  for (let place = 0; place < length; place += 1) column[place] = (segments[place] as Segment).changes
  writer.array(column, length)
  writer.text(',"position":')
  for (let place = 0; place < length; place += 1) column[place] = (segments[place] as Segment).position
  writer.array(column, length)
  writer.text(',"message":')
  for (let place = 0; place < length; place += 1) {
    const { message } = segments[place] as Segment
    const text = typeof message === 'number' ? textOf(message) : message
    column[place] = text === undefined ? -1 : messages.indexOf(text)
  }
  writer.array(column, length)
  writer.text(`,"messages":${asciiJson(messages.values)}}`)
  return { text: writer.take(), size: length * 5 + messages.values.length }
}

export const markText = ({ length, time, count, position, type }: Marks, from: number, textOf: TextOf): ColumnText => {
  const types = new Distinct<number>()
  const column = scratchOf(length)
  writer.text('{"time":')
  writer.array(time, length, from)
  writer.text(',"count":')
  writer.array(count, length)
  writer.text(',"position":')
  writer.array(position, length)
  for (let place = 0; place < length; place += 1) column[place] = types.indexOf(type[place] as number)
  writer.text(',"type":')
  writer.array(column, length)
  writer.text(`,"types":${asciiJson(types.values.map(textOf))}}`)
  return { text: writer.take(), size: length * 4 + types.values.length }
}
