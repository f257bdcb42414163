const isInOrder = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null) return true
  if (Array.isArray(value)) return value.every(isInOrder)
  let before = ''
  for (const key in value) {
    if (key < before) return false
    before = key
    const item = (value as Readonly<Record<string, unknown>>)[key]
    if (item === undefined || (typeof item === 'object' && !isInOrder(item))) return false
  }
  return true
}

const ordered = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(item => ordered(item ?? null))
  const given = value as Readonly<Record<string, unknown>>
  const copy: Record<string, unknown> = {}
  for (const key of Object.keys(given).sort()) {
    const item = given[key]
    if (item === undefined) continue
    // Assignment would set the prototype.
    if (key === '__proto__') Object.defineProperty(copy, key, { value: ordered(item), enumerable: true })
    else copy[key] = ordered(item)
  }
  return copy
}

const write = (value: unknown): string => {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(item => write(item ?? null)).join(',')}]`
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([key, item]) => `${JSON.stringify(key)}:${write(item)}`).join(',')}}`
}

/** RFC 8785: equal values have equal JSON. */
interface Canonical<T> {
  /** Keys are in canonical order, except that JavaScript puts integer keys first. */
  readonly value: T
  readonly json: string
}

/** The value itself if it is in order. */
export const inCanonicalOrder = <T>(value: T): T => (isInOrder(value) ? value : (ordered(value) as T))

/** `JSON.stringify` already formats numbers and strings by the RFC; keys need sorting by UTF-16 units. */
export const canonical = <T>(value: T): Canonical<T> => {
  if (isInOrder(value)) return { value, json: JSON.stringify(value) }
  const inOrder = ordered(value) as T
  // Integer keys may be out of order.
  return { value: inOrder, json: isInOrder(inOrder) ? JSON.stringify(inOrder) : write(inOrder) }
}

export const canonicalJson = (value: unknown): string => canonical(value).json
