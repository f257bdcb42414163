import { usageError } from '../errors.ts'
import { kindByName } from './kind-names.ts'
import { plural, type ResourceKind, singular } from './resource.ts'

type NamedKind = Pick<ResourceKind, 'kind'>

/** Without names, all of the kind. */
export interface Selected<K> {
  readonly kind: K
  readonly names: readonly string[]
}

const ALL = 'all'
/** As in `listener.skupper.io/backend`, which commands print. */
const GROUP = /(\.v[\da-z]+)?\.skupper\.io$/

const kindNamed = <K extends NamedKind>(text: string, kinds: readonly K[]): K => {
  const word = text.toLowerCase().replace(GROUP, '')
  const named = kindByName(word)
  const kind = kinds.find(each => each.kind === named)
  if (kind !== undefined) return kind
  throw usageError(`'${text}' is invalid as a kind: must be one of ${kinds.map(plural).join(', ')}`)
}

const pairOf = (word: string): readonly [kind: string, name: string] => {
  const [kind = '', name = '', ...more] = word.split('/')
  if (kind === '' || name === '' || more.length > 0) throw usageError(`'${word}' is invalid: must be KIND/NAME`)
  return [kind, name]
}

const byReference = <K extends NamedKind>(words: readonly string[], kinds: readonly K[]): readonly Selected<K>[] => {
  const single = words.find(word => !word.includes('/'))
  if (single !== undefined)
    throw usageError(`'${single}' stands beside KIND/NAME: write every resource as KIND/NAME, or the kind once`)
  const references = words.map(pairOf).map(([kind, name]) => ({ kind: kindNamed(kind, kinds), name }))
  return [...Map.groupBy(references, ({ kind }) => kind)].map(([kind, group]) => ({
    kind,
    names: [...new Set(group.map(({ name }) => name))],
  }))
}

/**
 * `listeners`, `listener a b`, `listeners,connectors`, `all`, `listener/a connector/b`, as with kubectl. Kinds may be
 * singular, plural, short or qualified, in any case.
 */
export const selectionOf = <K extends NamedKind>(
  words: readonly string[],
  kinds: readonly K[],
): readonly Selected<K>[] => {
  if (words.some(word => word.includes('/'))) return byReference(words, kinds)
  const [first = '', ...names] = words
  if (first.toLowerCase() === ALL) {
    if (names.length > 0) throw usageError(`'${ALL}' takes no names: write KIND/NAME`)
    return kinds.map(kind => ({ kind, names }))
  }
  const named = first.split(',').map(text => kindNamed(text, kinds))
  return [...new Set(named)].map(kind => ({ kind, names: [...new Set(names)] }))
}

/** `listener a` or `listener/a` */
export const oneResource = <K extends NamedKind>(
  words: readonly (string | undefined)[],
  kinds: readonly K[],
): { readonly kind: K; readonly name: string } => {
  const [selected, another] = selectionOf(
    words.filter(word => word !== undefined),
    kinds,
  )
  const { kind, names } = selected as Selected<K>
  const [name] = names
  if (name === undefined) throw usageError(`the name of a ${singular(kind)} is missing`)
  if (another !== undefined || names.length > 1) throw usageError('takes one resource only')
  return { kind, name }
}
