type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json | undefined }
type JsonObject = { readonly [name: string]: Json | undefined }

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isSameArray = (one: readonly unknown[], other: readonly unknown[]): boolean =>
  JSON.stringify(one) === JSON.stringify(other)

/** RFC 7396; undefined if the rows are equal. Rows must not have nulls. */
export const createMergePatch = (before: object, after: object): object | undefined => {
  const [old, now] = [before as JsonObject, after as JsonObject]
  let patch: Record<string, Json> | undefined
  const note = (name: string, value: Json): void => {
    patch ??= {}
    patch[name] = value
  }
  for (const name in now) {
    const [was, is] = [old[name], now[name]]
    if (was === is || is === undefined) continue
    if (isObject(was) && isObject(is)) {
      const inner = createMergePatch(was, is)
      if (inner !== undefined) note(name, inner as Json)
    } else if (!(Array.isArray(was) && Array.isArray(is) && isSameArray(was, is))) note(name, is)
  }
  for (const name in old) if (old[name] !== undefined && now[name] === undefined) note(name, null)
  return patch
}

/** The object then contains parts of the patch. */
export const mergeInto = (row: object, patch: object): object => {
  const [result, changes] = [row as Record<string, Json | undefined>, patch as JsonObject]
  for (const name in changes) {
    const [was, value] = [result[name], changes[name]]
    if (value === null) delete result[name]
    else if (isObject(value) && isObject(was)) mergeInto(was, value)
    else result[name] = value
  }
  return row
}

/** Keeps the key `__proto__`, which an assignment would take for the prototype. */
const set = (row: Record<string, unknown>, name: string, value: unknown): void => {
  if (name === '__proto__')
    Object.defineProperty(row, name, { value, configurable: true, enumerable: true, writable: true })
  else row[name] = value
}

export const applyMergePatch = (before: object, patch: object): object => {
  const result: Record<string, unknown> = { ...before }
  for (const [name, value] of Object.entries(patch as JsonObject)) {
    const was = result[name]
    if (value === null) delete result[name]
    else set(result, name, isObject(value) ? applyMergePatch(isObject(was) ? was : {}, value) : value)
  }
  return result
}
