import type { Marks, Segment } from './lane-cells.ts'
import { LANE_LETTERS } from './lane-status.ts'
import type { ColumnText } from './types.ts'

type TextOf = (id: number) => string

const ZERO = 48
const [COMMA, OPEN, CLOSE] = [44, 91, 93]
/** Larger numbers are two halves that fit in 32 bits. */
const HALF = 1e9
const HALF_DIGITS = 9
const MOST_CHARACTERS = 17

let characters = Buffer.allocUnsafe(16 * 1024)

/** The two digits of each number below 100: one division gives two characters. */
const PAIRS = Uint8Array.from({ length: 200 }, (_, place) =>
  place % 2 === 0 ? ZERO + Math.floor(place / 20) : ZERO + ((place >> 1) % 10),
)

/** @param value below {@link HALF} */
const putDigits = (value: number, end: number, least: number): void => {
  let at = end
  let rest = value | 0
  while (rest >= 100) {
    const hundreds = (rest / 100) | 0
    const pair = (rest - hundreds * 100) * 2
    characters[--at] = PAIRS[pair + 1] as number
    characters[--at] = PAIRS[pair] as number
    rest = hundreds
  }
  if (rest >= 10) {
    characters[--at] = PAIRS[rest * 2 + 1] as number
    characters[--at] = PAIRS[rest * 2] as number
  } else characters[--at] = ZERO + rest
  while (end - at < least) characters[--at] = ZERO
}

const digitsOf = (value: number): number => {
  let digits = 1
  for (let limit = 10; value >= limit; limit *= 10) digits += 1
  return digits
}

/** Returns where the next character is to be put. */
const put = (value: number, at: number): number => {
  // Most numbers of changes, counts and indexes.
  if (value < 10) {
    characters[at] = ZERO + value
    return at + 1
  }
  const end = at + digitsOf(value)
  if (value < HALF) putDigits(value, end, 1)
  else {
    const high = Math.floor(value / HALF)
    putDigits(value - high * HALF, end, HALF_DIGITS)
    putDigits(high, end - HALF_DIGITS, 1)
  }
  return end
}

/**
 * A JSON array of the first numbers, in a tenth of the time of `JSON.stringify`.
 *
 * @param values whole numbers; from 0 on after the subtraction of `base`, or -1
 */
export const arrayText = (values: Float64Array, length: number, base = 0): string => {
  const most = length * (MOST_CHARACTERS + 1) + 2
  if (characters.length < most) characters = Buffer.allocUnsafe(most)
  characters[0] = OPEN
  let at = 1
  for (let place = 0; place < length; place += 1) {
    if (place > 0) characters[at++] = COMMA
    const value = (values[place] as number) - base
    if (value < 0) {
      characters.write('-1', at)
      at += 2
    } else at = put(value, at)
  }
  characters[at] = CLOSE
  return characters.toString('latin1', 0, at + 1)
}

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
  const starts = arrayText(column, length, from)
  for (let place = 0; place < length; place += 1) column[place] = (segments[place] as Segment).changes
  const changes = arrayText(column, length)
  for (let place = 0; place < length; place += 1) column[place] = (segments[place] as Segment).position
  const positions = arrayText(column, length)
  for (let place = 0; place < length; place += 1) {
    const { message } = segments[place] as Segment
    const text = typeof message === 'number' ? textOf(message) : message
    column[place] = text === undefined ? -1 : messages.indexOf(text)
  }
  const members = [
    `"from":${starts}`,
    `"status":"${letters}"`,
    `"changes":${changes}`,
    `"position":${positions}`,
    `"message":${arrayText(column, length)}`,
    `"messages":${JSON.stringify(messages.values)}`,
  ]
  return { text: `{${members.join()}}`, size: length * 5 + messages.values.length }
}

export const markText = ({ length, time, count, position, type }: Marks, from: number, textOf: TextOf): ColumnText => {
  const types = new Distinct<number>()
  const column = scratchOf(length)
  for (let place = 0; place < length; place += 1) column[place] = types.indexOf(type[place] as number)
  const members = [
    `"time":${arrayText(time, length, from)}`,
    `"count":${arrayText(count, length)}`,
    `"position":${arrayText(position, length)}`,
    `"type":${arrayText(column, length)}`,
    `"types":${JSON.stringify(types.values.map(textOf))}`,
  ]
  return { text: `{${members.join()}}`, size: length * 4 + types.values.length }
}
