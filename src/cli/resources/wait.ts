import type { Client } from '../client/client.ts'
import { CliError, EXIT } from '../errors.ts'
import { Progress } from '../output/progress.ts'
import { CONDITIONED_KINDS } from './kinds.ts'
import { type ConditionedResource, type Resource, type ResourceKind, resourceName } from './resource.ts'
import { watch } from './watch.ts'

export interface Expectation {
  /** Completes `was not …` and `is …`. */
  readonly text: string
  isMet(resource: Resource | undefined, kind: ResourceKind): boolean
}

export interface Awaited {
  readonly kind: ResourceKind
  readonly namespace: string
  readonly name: string
}

export const DELETED: Expectation = { text: 'deleted', isMet: resource => resource === undefined }

export const READY: Expectation = {
  text: 'Ready',
  isMet: resource => (resource as ConditionedResource | undefined)?.status.status === 'Ready',
}

const living = (resource: Resource | undefined): Resource | undefined =>
  resource?.metadata.deletionTimestamp === undefined ? resource : undefined

const stateOf = (resource: Resource | undefined, kind: ResourceKind): string => {
  if (resource === undefined) return 'not seen'
  if (living(resource) === undefined) return 'deleted'
  const { status } = resource as Partial<ConditionedResource>
  return status === undefined ? String(kind.message.value(resource)) : `${status.status}: ${status.message}`
}

const waitForSome = async (
  client: Client,
  kind: ResourceKind,
  namespace: string,
  names: readonly string[],
  expectation: Expectation,
  signal: AbortSignal,
  onMet: () => void,
): Promise<Map<string, string>> => {
  const left = new Map<string, Resource | undefined>(names.map(name => [name, undefined]))
  const [only] = names
  const scope = { namespace, name: names.length === 1 ? only : undefined }
  for await (const resources of watch(kind, client, scope, { signal })) {
    for (const resource of resources) {
      const { name } = resource.metadata
      if (left.has(name)) left.set(name, resource)
    }
    for (const [name, resource] of left) {
      if (!expectation.isMet(living(resource), kind)) continue
      left.delete(name)
      onMet()
    }
    if (left.size === 0) break
  }
  return new Map([...left].map(([name, resource]) => [name, stateOf(resource, kind)]))
}

/** @throws CliError with EXIT.timedOut */
export const waitFor = async (
  client: Client,
  all: readonly Awaited[],
  expectation: Expectation,
  timeoutMs: number,
): Promise<void> => {
  const signal = AbortSignal.timeout(timeoutMs)
  const progress = new Progress('waiting')
  let met = 0
  const onMet = (): void => {
    met += 1
    progress.count(met, `of ${all.length} ${expectation.text}`)
  }
  progress.count(met, `of ${all.length} ${expectation.text}`)
  const waits = [...Map.groupBy(all, ({ kind }) => kind)].flatMap(([kind, wanted]) =>
    [...Map.groupBy(wanted, ({ namespace }) => namespace)].map(async ([namespace, group]) => {
      const names = group.map(({ name }) => name)
      const left = await waitForSome(client, kind, namespace, names, expectation, signal, onMet)
      return [...left].map(
        ([name, state]) =>
          `${resourceName(kind.kind, name)} in namespace ${namespace} was not ${expectation.text} within ${timeoutMs / 1000} s: ${state}`,
      )
    }),
  )
  const left = (await Promise.all(waits).finally(() => progress.end())).flat()
  if (left.length > 0) throw new CliError(left, EXIT.timedOut)
}

interface Applied {
  readonly kind: string
  readonly namespace: string | null
  readonly name: string
}

export const waitUntilReady = (client: Client, all: readonly Applied[], timeoutMs: number): Promise<void> => {
  const conditioned = all.flatMap(({ kind: named, namespace, name }) => {
    const kind = CONDITIONED_KINDS.find(each => each.kind === named)
    return kind === undefined ? [] : [{ kind, namespace: namespace as string, name }]
  })
  return waitFor(client, conditioned, READY, timeoutMs)
}
