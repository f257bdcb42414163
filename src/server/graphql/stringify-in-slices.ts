import { JsonText } from './json-text.ts'

const SHORT_LIST = 20
/** Items of a list that are stringified together, unless one has a long list. */
const TOGETHER = 200
/** Characters between two yields. */
const SLICE = 20_000

const hasLongList = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null) return false
  if (value instanceof JsonText) return true
  if (Array.isArray(value)) return value.length > SHORT_LIST || value.some(hasLongList)
  for (const key in value) if (hasLongList((value as Record<string, unknown>)[key])) return true
  return false
}

function* pieces(value: unknown): Generator<string> {
  if (!hasLongList(value)) {
    yield JSON.stringify(value) ?? 'null'
    return
  }
  if (value instanceof JsonText) yield value.text
  else yield* Array.isArray(value) ? itemPieces(value) : memberPieces(value as Record<string, unknown>)
}

function* itemPieces(list: readonly unknown[]): Generator<string> {
  let separator = '['
  for (let from = 0; from < list.length; from += TOGETHER) {
    const items = list.slice(from, from + TOGETHER)
    if (items.some(hasLongList)) {
      for (const item of items) {
        yield separator
        yield* pieces(item)
        separator = ','
      }
    } else {
      yield `${separator}${JSON.stringify(items).slice(1, -1)}`
      separator = ','
    }
  }
  yield list.length === 0 ? '[]' : ']'
}

function* memberPieces(value: Readonly<Record<string, unknown>>): Generator<string> {
  let separator = '{'
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined) continue
    yield `${separator}${JSON.stringify(key)}:`
    yield* pieces(member)
    separator = ','
  }
  yield separator === '{' ? '{}' : '}'
}

export const stringifyInSlices = async (
  value: unknown,
  yieldTurn: () => Promise<void> | undefined,
): Promise<string> => {
  let text = ''
  let sliceEnd = SLICE
  for (const piece of pieces(value)) {
    text += piece
    if (text.length < sliceEnd) continue
    sliceEnd = text.length + SLICE
    await yieldTurn()
  }
  return text
}
