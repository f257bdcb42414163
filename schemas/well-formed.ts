import { formatPath, type Issue } from './validation.ts'

const FAULT = 'is not well-formed Unicode: a character is there by half (a surrogate without the other)'

const isText = (text: string): boolean => text.isWellFormed()

/** Where in plain data there is text that is not well-formed Unicode, in values or in the names of properties. */
export const textFaults = (value: unknown, path: readonly PropertyKey[] = []): Issue[] => {
  if (typeof value === 'string') return isText(value) ? [] : [{ path: formatPath(path), message: FAULT }]
  if (Array.isArray(value)) return value.flatMap((item, index) => textFaults(item, [...path, index]))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, part]) =>
    isText(key) ? textFaults(part, [...path, key]) : [{ path: formatPath(path), message: `a property ${FAULT}` }],
  )
}

/** Whether all text in plain data is well-formed Unicode. */
export const isWellFormed = (value: unknown): boolean => {
  if (typeof value === 'string') return isText(value)
  if (typeof value !== 'object' || value === null) return true
  for (const key in value) if (!isText(key) || !isWellFormed((value as Record<string, unknown>)[key])) return false
  return true
}
