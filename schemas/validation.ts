import type { z } from 'zod'

export interface Issue {
  /** `spec.port` or `manifests[1].metadata.name`; empty for the whole input. */
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

const shown = (value: unknown): string => {
  const text = typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? String(value))
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}… (${text.length} characters)`
}

/** `99999 is not a port (1 to 65535)`; includes the type if it is wrong. */
export const mismatch = (found: unknown, allowed: string, type: 'string' | 'number' | 'boolean' | 'object'): string => {
  if (found === undefined) return `is missing: ${allowed} is required`
  if (found === null) return `null is not ${allowed}`
  if (typeof found !== type || Array.isArray(found)) {
    const value = typeof found === 'object' ? '' : `${shown(found)} is `
    return `${value}${typeName(found)}, not ${allowed}`
  }
  return `${shown(found)} is not ${allowed}`
}

export const mustBe = (allowed: string, type: 'string' | 'number' | 'boolean' | 'object') => ({
  error: (issue: { readonly input?: unknown }) => mismatch(issue.input, allowed, type),
})

/** `['spec', 'port']` → `spec.port` */
export const formatPath = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`),
    '',
  )

/** Follows the schema order; each unknown property is an issue. */
export const toIssues = (error: z.ZodError, under: readonly PropertyKey[] = []): Issue[] =>
  error.issues.flatMap(issue => {
    const path = [...under, ...issue.path]
    if (issue.code !== 'unrecognized_keys') return [{ path: formatPath(path), message: issue.message }]
    return issue.keys.map(key => ({ path: formatPath([...path, key]), message: 'is not a known property' }))
  })

/** `spec.port: 99999 is not a port (1 to 65535)` */
export const formatIssue = ({ path, message }: Issue): string => (path === '' ? message : `${path}: ${message}`)
