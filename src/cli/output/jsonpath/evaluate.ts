import { printable } from '../../../lib/printable.ts'
import type { Comparison, Filter, Operand, Part, Path, Step } from './parse.ts'

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const children = (value: unknown): readonly unknown[] => {
  if (Array.isArray(value)) return value
  return isObject(value) ? Object.values(value) : []
}

const descendants = (value: unknown): readonly unknown[] => [value, ...children(value).flatMap(descendants)]

const at = (value: unknown, key: string | number): readonly unknown[] => {
  if (Array.isArray(value)) {
    const index = Number(key)
    const position = index < 0 ? value.length + index : index
    return position in value ? [value[position]] : []
  }
  return isObject(value) && Object.hasOwn(value, key) ? [value[key]] : []
}

const slice = (value: unknown, { from, to, by }: Extract<Step, { step: 'slice' }>): readonly unknown[] =>
  Array.isArray(value) ? value.slice(from, to).filter((_, index) => index % by === 0) : []

const compare: Readonly<Record<Comparison, (one: unknown, other: unknown) => boolean>> = {
  '==': (one, other) => one === other,
  '!=': (one, other) => one !== other,
  '<': (one, other) => areOrdered(one, other) && (one as string) < (other as string),
  '<=': (one, other) => areOrdered(one, other) && (one as string) <= (other as string),
  '>': (one, other) => areOrdered(one, other) && (one as string) > (other as string),
  '>=': (one, other) => areOrdered(one, other) && (one as string) >= (other as string),
}

/** Values of different types have no order. */
const areOrdered = (one: unknown, other: unknown): boolean =>
  typeof one === typeof other && ['string', 'number'].includes(typeof one)

const operandValues = (operand: Operand, item: unknown): readonly unknown[] =>
  'literal' in operand ? [operand.literal] : valuesAt(operand.path, item)

const selects = ({ left, comparison }: Filter, item: unknown): boolean => {
  const found = operandValues(left, item)
  if (comparison === undefined) return found.length > 0
  const [wanted] = operandValues(comparison.right, item)
  return found.some(value => compare[comparison.operator](value, wanted))
}

const take = (step: Step, value: unknown): readonly unknown[] => {
  switch (step.step) {
    case 'keys':
      return step.keys.flatMap(key => at(value, key))
    case 'slice':
      return slice(value, step)
    case 'all':
      return children(value)
    case 'descendants':
      return descendants(value)
    case 'filter':
      return children(value).filter(item => selects(step.filter, item))
  }
}

/** In document order; missing keys have no value. */
export const valuesAt = (path: Path, value: unknown): readonly unknown[] =>
  path.reduce<readonly unknown[]>((values, step) => values.flatMap(each => take(step, each)), [value])

/** Prints nothing that a terminal executes. */
const text = (value: unknown): string => {
  if (value === null || value === undefined) return ''
  return printable(typeof value === 'object' ? JSON.stringify(value) : String(value))
}

export const valuesText = (values: readonly unknown[], separator = ' '): string => values.map(text).join(separator)

export const render = (parts: readonly Part[], value: unknown): string =>
  parts
    .map(part => {
      if (part.part === 'text') return part.text
      const values = valuesAt(part.path, value)
      return part.part === 'path' ? valuesText(values) : values.map(each => render(part.body, each)).join('')
    })
    .join('')
