const SHORT_LIST = 20
/** Items of a list that are stringified together, unless one has a long list. */
const TOGETHER = 200
/** Characters between two yields. */
const SLICE = 20_000

const isScalar = (value: unknown): boolean => typeof value !== 'object' || value === null

const hasLongList = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return value.length > SHORT_LIST || value.some(hasLongList)
  for (const key in value) if (hasLongList((value as Record<string, unknown>)[key])) return true
  return false
}

function* pieces(value: unknown): Generator<string> {
  if (!hasLongList(value)) {
    yield JSON.stringify(value) ?? 'null'
    return
  }
  let separator = ''
  if (Array.isArray(value)) {
    yield '['
    for (let from = 0; from < value.length; from += TOGETHER) {
      const items = value.slice(from, from + TOGETHER)
      if (items.every(isScalar)) {
        yield `${separator}${JSON.stringify(items).slice(1, -1)}`
        separator = ','
        continue
      }
      for (const item of items) {
        yield separator
        yield* pieces(item)
        separator = ','
      }
    }
    yield ']'
    return
  }
  yield '{'
  for (const [key, member] of Object.entries(value as Record<string, unknown>)) {
    if (member === undefined) continue
    yield `${separator}${JSON.stringify(key)}:`
    yield* pieces(member)
    separator = ','
  }
  yield '}'
}

/** The same text as `JSON.stringify` of plain data. */
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
