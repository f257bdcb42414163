type Turn = () => Promise<void> | undefined

const SHORT = 20
/** So many characters are written before others have their turn. */
const CHARACTERS_A_TURN = 20_000

const hasLongList = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return value.length > SHORT || value.some(hasLongList)
  for (const key in value) if (hasLongList((value as Record<string, unknown>)[key])) return true
  return false
}

/** JSON that is written piece by piece: a long list item by item, and what holds one part by part. */
function* pieces(value: unknown): Generator<string> {
  if (!hasLongList(value)) {
    yield JSON.stringify(value) ?? 'null'
    return
  }
  let separator = ''
  if (Array.isArray(value)) {
    yield '['
    for (const item of value) {
      yield separator
      yield* pieces(item)
      separator = ','
    }
    yield ']'
    return
  }
  yield '{'
  for (const [key, part] of Object.entries(value as Record<string, unknown>)) {
    if (part === undefined) continue
    yield `${separator}${JSON.stringify(key)}:`
    yield* pieces(part)
    separator = ','
  }
  yield '}'
}

/** What JSON.stringify gives of plain data, with the event loop for others in between. */
export const jsonText = async (value: unknown, turn: Turn): Promise<string> => {
  let text = ''
  let turnAt = CHARACTERS_A_TURN
  for (const piece of pieces(value)) {
    text += piece
    if (text.length < turnAt) continue
    turnAt = text.length + CHARACTERS_A_TURN
    await turn()
  }
  return text
}
