import { formatPath, type Issue } from './validation.ts'

const FAULT = 'is not well-formed Unicode: it has a lone surrogate'

const isText = (text: string): boolean => text.isWellFormed()

/** Returns an issue for each string or property name that is not well-formed Unicode. */
export const textFaults = (value: unknown, path: readonly PropertyKey[] = []): Issue[] => {
  if (typeof value === 'string') return isText(value) ? [] : [{ path: formatPath(path), message: FAULT }]
  if (Array.isArray(value)) return value.flatMap((item, index) => textFaults(item, [...path, index]))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, part]) =>
    isText(key) ? textFaults(part, [...path, key]) : [{ path: formatPath(path), message: `a property ${FAULT}` }],
  )
}

export const isWellFormed = (value: unknown): boolean => {
  if (typeof value === 'string') return isText(value)
  if (typeof value !== 'object' || value === null) return true
  for (const key in value) if (!isText(key) || !isWellFormed((value as Record<string, unknown>)[key])) return false
  return true
}
