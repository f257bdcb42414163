/** A field such as `spec.port`; null means absent. */
export interface FieldChange {
  readonly field: string
  readonly before: unknown
  readonly after: unknown
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Lists count as values. */
const fieldsOf = (value: unknown, path: string): readonly (readonly [field: string, value: unknown])[] => {
  if (value === undefined) return []
  if (!isMap(value)) return [[path, value]]
  return Object.entries(value).flatMap(([name, inner]) => fieldsOf(inner, path === '' ? name : `${path}.${name}`))
}

const isSame = (one: unknown, other: unknown): boolean => one === other || JSON.stringify(one) === JSON.stringify(other)

export const fieldChanges = (before: unknown, after: unknown, path = ''): readonly FieldChange[] => {
  const [old, now] = [new Map(fieldsOf(before, path)), new Map(fieldsOf(after, path))]
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter(field => !isSame(old.get(field), now.get(field)))
    .map(field => ({ field, before: old.get(field) ?? null, after: now.get(field) ?? null }))
}
