import { usageError } from '../../errors.ts'
import type { TextMap } from '../../resources/labels.ts'
import type { Resource, ResourceKind } from '../../resources/resource.ts'

export type Patch = Readonly<Record<string, string | null>>

export interface Target {
  readonly kind: ResourceKind
  readonly namespace: string
  readonly resource: Resource
}

export type Field = 'labels' | 'annotations'

const CHANGE = /=|-$/

/** `tier=web` or `tier-`, and not the name of a resource. */
export const isChange = (word: string): boolean => CHANGE.test(word)

export const patchOf = (words: readonly string[]): Patch => {
  const changes = words.map((word): [string, string | null] => {
    const at = word.indexOf('=')
    return at < 0 ? [word.slice(0, -1), null] : [word.slice(0, at), word.slice(at + 1)]
  })
  const twice = changes.find(([key], index) => changes.findIndex(([other]) => other === key) !== index)
  if (twice !== undefined) throw usageError(`'${twice[0]}' is given twice`)
  return Object.fromEntries(changes)
}

export const textsOf = ({ metadata }: Resource, field: Field): TextMap => metadata[field] as TextMap

export const patched = (before: TextMap, patch: Patch): TextMap =>
  Object.fromEntries(
    Object.entries({ ...before, ...patch }).filter((entry): entry is [string, string] => entry[1] !== null),
  )
