import { immutableField } from '../../schemas/errors.ts'
import type { Issue } from '../../schemas/validation.ts'

const same = (a: unknown, b: unknown): boolean => {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  const keys = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...keys].every(key => same(Reflect.get(a, key), Reflect.get(b, key)))
}

export const changedFields = <Spec extends object>(before: Spec, after: Spec): (keyof Spec & string)[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    key => !same(Reflect.get(before, key), Reflect.get(after, key)),
  ) as (keyof Spec & string)[]

export const changedImmutableFields = <Spec extends object>(
  before: Spec,
  after: Spec,
  updatable: readonly (keyof Spec & string)[],
): (keyof Spec & string)[] => changedFields(before, after).filter(property => !updatable.includes(property))

export const assertImmutableFields = <Spec extends object>(
  before: Spec,
  after: Spec,
  updatable: readonly (keyof Spec & string)[],
): void => {
  const faults: Issue[] = changedImmutableFields(before, after, updatable).map(property => ({
    path: `spec.${property}`,
    message: `cannot be changed from ${JSON.stringify(before[property]) ?? 'unset'} to ${JSON.stringify(after[property]) ?? 'unset'}: delete and create again`,
  }))
  if (faults.length > 0) throw immutableField(faults)
}
