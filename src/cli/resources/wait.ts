import type { Client } from '../client/client.ts'
import { CliError, EXIT } from '../errors.ts'
import { CONDITIONED_KINDS } from './kinds.ts'
import { type ConditionedKind, resourceName } from './resource.ts'
import { watch } from './watch.ts'

interface Awaited {
  readonly kind: string
  readonly namespace: string | null
  readonly name: string
}

const waitForSome = async (
  client: Client,
  kind: ConditionedKind,
  namespace: string,
  names: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, string>> => {
  const left = new Map(names.map(name => [name, 'not seen']))
  for await (const resources of watch(kind, client, { namespace }, { signal })) {
    for (const { metadata, status } of resources) {
      if (!left.has(metadata.name)) continue
      if (metadata.deletionTimestamp !== undefined) left.set(metadata.name, 'deleted')
      else if (status.status === 'Ready') left.delete(metadata.name)
      else left.set(metadata.name, `${status.status}: ${status.message}`)
    }
    if (left.size === 0) break
  }
  return left
}

/**
 * Returns after each has been Ready once.
 *
 * @throws CliError with EXIT.timedOut and the last status of the others
 */
export const waitUntilReady = async (client: Client, all: readonly Awaited[], timeoutMs: number): Promise<void> => {
  const signal = AbortSignal.timeout(timeoutMs)
  const waits = CONDITIONED_KINDS.flatMap(kind => {
    const wanted = all.filter(each => each.kind === kind.kind)
    return [...Map.groupBy(wanted, ({ namespace }) => namespace as string)].map(async ([namespace, group]) => {
      const names = group.map(({ name }) => name)
      const left = await waitForSome(client, kind, namespace, names, signal)
      return [...left].map(
        ([name, status]) =>
          `${resourceName(kind.kind, name)} in namespace ${namespace} was not Ready within ${timeoutMs / 1000} s: ${status}`,
      )
    })
  })
  const left = (await Promise.all(waits)).flat()
  if (left.length > 0) throw new CliError(left, EXIT.timedOut)
}
