import type { z } from 'zod'

/** One thing that is wrong with an input: where, and what was found against what is allowed. */
export interface Issue {
  /** As one would write it in code: `spec.port`, `manifests[1].metadata.name`; empty for the whole. */
  readonly path: string
  readonly message: string
}

const SHOWN_CHARACTERS = 80

const typeName = (value: unknown): string => {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return (
    { string: 'a string', number: 'a number', boolean: 'a boolean', object: 'an object' }[typeof value as string] ??
    typeof value
  )
}

/** The value as a reader recognises it, cut where it is long. */
const shown = (value: unknown): string => {
  const text = typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? String(value))
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}… (${text.length} characters)`
}

/** `99999 is not a port (1 to 65535)`; where the very type is wrong, it says that too. */
export const mismatch = (found: unknown, allowed: string, type: 'string' | 'number' | 'boolean' | 'object'): string => {
  if (found === undefined) return `is missing: ${allowed} is required`
  if (found === null) return `null is not ${allowed}`
  if (typeof found !== type || Array.isArray(found)) {
    const value = typeof found === 'object' ? '' : `${shown(found)} is `
    return `${value}${typeName(found)}, not ${allowed}`
  }
  return `${shown(found)} is not ${allowed}`
}

/** The message of a zod schema: what was found, and that it is not what is allowed. */
export const mustBe = (allowed: string, type: 'string' | 'number' | 'boolean' | 'object') => ({
  error: (issue: { readonly input?: unknown }) => mismatch(issue.input, allowed, type),
})

/** As one would write it in code: `spec.port`, `manifests[1].metadata.name`. */
export const formatPath = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`),
    '',
  )

/** Every fault of a failed parse, in the order of the schema; an unknown property is a fault of its own. */
export const toIssues = (error: z.ZodError, under: readonly PropertyKey[] = []): Issue[] =>
  error.issues.flatMap(issue => {
    const path = [...under, ...issue.path]
    if (issue.code !== 'unrecognized_keys') return [{ path: formatPath(path), message: issue.message }]
    return issue.keys.map(key => ({ path: formatPath([...path, key]), message: 'is not a property known here' }))
  })

/** A fault as one line: `spec.port: 99999 is not a port (1 to 65535)`. */
export const formatIssue = (fault: Issue): string =>
  fault.path === '' ? fault.message : `${fault.path}: ${fault.message}`
