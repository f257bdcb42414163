import type { Client } from '../client/client.ts'
import { requestEach } from '../client/request-each.ts'
import { serverLine } from '../errors.ts'
import { plural, type Resource, type ResourceKind, type Scope, singular } from './resource.ts'
import type { Selected } from './selection.ts'

type Named = Pick<ResourceKind, 'kind'>
type Listed<R extends Resource> = Pick<ResourceKind<R>, 'kind' | 'list'>

export interface Searched<R> {
  readonly resources: readonly R[]
  readonly missing: readonly string[]
}

export const notFound = (kind: Named, name: string, namespace: string | undefined): string =>
  serverLine('NotFound', `${singular(kind)} ${name} not found in namespace ${namespace}`)

export const noneFound = (kinds: readonly Named[], { namespace }: Scope): string => {
  const [kind] = kinds
  const what = kind === undefined || kinds.length > 1 ? 'resources' : plural(kind)
  return namespace === undefined ? `No ${what} found.` : `No ${what} found in namespace ${namespace}.`
}

export const search = async <R extends Resource>(
  client: Client,
  { kind, names }: Selected<Listed<R>>,
  scope: Scope,
): Promise<Searched<R>> => {
  if (names.length === 0) return { resources: await kind.list(client, scope), missing: [] }
  const [resources, missing] = [[] as R[], [] as string[]]
  for await (const outcome of requestEach(names, name => kind.list(client, { ...scope, name }))) {
    if (outcome.rejection !== undefined) throw outcome.rejection
    resources.push(...outcome.result)
    if (outcome.result.length === 0) missing.push(notFound(kind, outcome.item, scope.namespace))
  }
  return { resources, missing }
}
