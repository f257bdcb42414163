import { compareText } from '../../lib/compare.ts'
import { usageError } from '../errors.ts'
import { render, valuesAt, valuesText } from './jsonpath/evaluate.ts'
import { JsonPathError, type Path, parsePath, parseTemplate } from './jsonpath/parse.ts'
import type { Column } from './table.ts'

const parsed = <T>(option: string, parse: () => T): T => {
  try {
    return parse()
  } catch (error) {
    throw error instanceof JsonPathError ? usageError(`${option}: ${error.message}`) : error
  }
}

export const jsonPathText = (template: string): ((document: unknown) => string) => {
  const parts = parsed('-o jsonpath', () => parseTemplate(template))
  return document => render(parts, document)
}

/** `NAME:.metadata.name,PORT:.spec.port` */
export const customColumns = (text: string): Column<unknown>[] => {
  const option = '-o custom-columns'
  // A comma within a path stands in brackets.
  const columns = text.split(/,(?![^[]*\])/).map(column => {
    const [, title = '', path = ''] = /^([^:]+):(.+)$/s.exec(column) ?? []
    if (path === '') throw usageError(`${option}: '${column}' is invalid: must be TITLE:PATH`)
    return { title, path: parsed(option, () => parsePath(path)) }
  })
  return columns.map(({ title, path }) => ({
    title,
    value: document => {
      const values = valuesAt(path, document)
      return values.length === 0 ? undefined : valuesText(values, ',')
    },
  }))
}

type Key = string | number | undefined

const keyAt = (path: Path, document: unknown): Key => {
  const [value] = valuesAt(path, document)
  return typeof value === 'number' || value === undefined ? value : valuesText([value])
}

const compareKeys = (one: Key, other: Key): number => {
  if (typeof one === 'number' && typeof other === 'number') return one - other
  if (one === undefined || other === undefined) return Number(one !== undefined) - Number(other !== undefined)
  return compareText(String(one), String(other))
}

/** Equal values keep their order. */
export const sortedBy = <T>(text: string, items: readonly T[], documentOf: (item: T) => unknown): T[] => {
  const path = parsed('--sort-by', () => parsePath(text))
  return items
    .map(item => ({ item, key: keyAt(path, documentOf(item)) }))
    .sort((one, other) => compareKeys(one.key, other.key))
    .map(({ item }) => item)
}

export const hasValue = (option: string, text: string, value: string | undefined): ((document: unknown) => boolean) => {
  const path = parsed(option, () => parsePath(text))
  return document => valuesAt(path, document).some(found => value === undefined || valuesText([found]) === value)
}
