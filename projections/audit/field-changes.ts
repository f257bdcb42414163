/** A field that an event changed: `spec.port`, from 8080 to 9090; null where it was, or is, not there. */
export interface FieldChange {
  readonly field: string
  readonly before: unknown
  readonly after: unknown
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The fields of a value that has fields of its own, as one would write them in code. Lists are values. */
const fieldsOf = (value: unknown, path: string): readonly (readonly [field: string, value: unknown])[] => {
  if (value === undefined) return []
  if (!isMap(value)) return [[path, value]]
  return Object.entries(value).flatMap(([name, inner]) => fieldsOf(inner, path === '' ? name : `${path}.${name}`))
}

const isSame = (one: unknown, other: unknown): boolean => one === other || JSON.stringify(one) === JSON.stringify(other)

/** Every field in which two values differ; undefined for a value that was, or is, not there. */
export const fieldChanges = (before: unknown, after: unknown, path = ''): readonly FieldChange[] => {
  const [old, now] = [new Map(fieldsOf(before, path)), new Map(fieldsOf(after, path))]
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter(field => !isSame(old.get(field), now.get(field)))
    .map(field => ({ field, before: old.get(field) ?? null, after: now.get(field) ?? null }))
}
