import type { Client } from '../client/client.ts'
import { CliError, usageError } from '../errors.ts'
import type { Moment } from '../moment.ts'
import { note } from '../output/print.ts'
import { alternatives } from '../output/text.ts'
import { KINDS } from './kinds.ts'
import { type Resource, type ResourceKind, singular } from './resource.ts'
import { noneFound, type Searched, search } from './search.ts'
import { type Selected, selectionOf } from './selection.ts'
import { assertSelectorAlone, isSelecting, type SelectorOptions } from './selectors.ts'

/** What a command is about: names or all of a kind, in a namespace or in all. */
export interface Wanted extends Selected<ResourceKind> {
  readonly namespace: string | undefined
}

export interface WantedOptions extends SelectorOptions {
  readonly namespace: string
  readonly allNamespaces?: true
  readonly filename?: readonly string[]
}

export const inScope = (selection: readonly Selected<ResourceKind>[], options: WantedOptions): readonly Wanted[] => {
  const { namespace, allNamespaces } = options
  if (allNamespaces && selection.some(({ names }) => names.length > 0))
    throw usageError('a name needs a namespace: use -n instead of -A, or omit the name')
  assertSelectorAlone(selection, options)
  return selection.map(each => ({ ...each, namespace: allNamespaces ? undefined : namespace }))
}

/** Reads `listener backend`, `listeners -A`, `all` or manifests, which are named by -f. */
export const wantedBy = async (
  words: readonly (string | undefined)[],
  options: WantedOptions,
): Promise<readonly Wanted[]> => {
  const { filename, namespace, allNamespaces } = options
  const given = words.filter(word => word !== undefined)
  if ((given.length === 0) === (filename === undefined)) throw usageError('name resources, or use -f')
  if (filename === undefined) return inScope(selectionOf(given, KINDS), options)
  if (isSelecting(options) || allNamespaces) throw usageError('-l, --field-selector, --all and -A need a kind')
  return inManifests(filename, namespace)
}

/** Of each kind and namespace, in the order of the manifests. */
const inManifests = async (paths: readonly string[], namespace: string): Promise<readonly Wanted[]> => {
  const [{ readManifests }, { targetOf }] = await Promise.all([
    import('../manifests/read-manifests.ts'),
    import('../manifests/manifest-target.ts'),
  ])
  const { documents, faults } = await readManifests(paths)
  if (faults.length > 0) throw new CliError(faults)
  const targets = documents.flatMap(({ value, where }) => {
    const target = targetOf(value, namespace)
    if (target === undefined) note(`${where('')} skipped: names no ${alternatives(KINDS.map(singular))}`)
    return target === undefined ? [] : [target]
  })
  return [...Map.groupBy(targets, target => `${target.kind.kind} ${target.namespace}`).values()].flatMap(group => {
    const [first] = group
    return first === undefined
      ? []
      : [{ kind: first.kind, namespace: first.namespace, names: group.map(({ name }) => name) }]
  })
}

interface FoundResources extends Wanted, Searched<Resource> {}

export const findWanted = async (
  client: Client,
  wanted: readonly Wanted[],
  { selector, fieldSelector, at }: SelectorOptions & { readonly at?: Moment },
): Promise<readonly FoundResources[]> => {
  if (fieldSelector === undefined) return findIn(client, wanted, wanted, { selector, at })
  const { selectedByFields } = await import('./field-selector.ts')
  const narrowed = wanted.map(each => ({ ...each, kind: selectedByFields(each.kind, fieldSelector) }))
  return findIn(client, wanted, narrowed, { selector, at })
}

const findIn = (
  client: Client,
  wanted: readonly Wanted[],
  narrowed: readonly Wanted[],
  { selector, at }: { readonly selector: string | undefined; readonly at: Moment | undefined },
): Promise<readonly FoundResources[]> =>
  Promise.all(
    narrowed.map(async (each, index) => ({
      ...(wanted[index] as Wanted),
      ...(await search(client, each, { namespace: each.namespace, labelSelector: selector, at })),
    })),
  )

export const nothingFound = (wanted: readonly Wanted[]): string => {
  const namespaces = new Set(wanted.map(({ namespace }) => namespace))
  const [namespace] = namespaces
  return noneFound(
    wanted.map(({ kind }) => kind),
    { namespace: namespaces.size === 1 ? namespace : undefined },
  )
}
