import { setTimeout as delay } from 'node:timers/promises'
import type { Client } from '../client/client.ts'
import { ServerError, Unreachable } from '../client/errors.ts'
import { EventQueue, RELIST } from '../client/event-queue.ts'
import type { Change, Resource, ResourceKind, Scope } from './resource.ts'

/** The subscription reports no connectors that leave the status as it is. */
const RELIST_EVERY_MS = 30_000
const GATHER_MS = 100
const UNREACHABLE_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 5_000

const isOlder = (a: string, b: string): boolean => a.length < b.length || (a.length === b.length && a < b)

class WatchState<R extends Resource> {
  readonly #resources = new Map<string, R>()

  all(resources: readonly R[]): R[] {
    const present = new Set(resources.map(keyOf))
    const now = new Date().toISOString()
    const gone = [...this.#resources.values()].filter(resource => !present.has(keyOf(resource)))
    return [...gone.flatMap(resource => this.#remove(keyOf(resource), now)), ...resources.flatMap(r => this.#put(r))]
  }

  change({ namespace, name, time, resource }: Change<R>): R[] {
    return resource === null ? this.#remove(`${namespace}/${name}`, time) : this.#put(resource)
  }

  #put(resource: R): R[] {
    const key = keyOf(resource)
    const before = this.#resources.get(key)
    if (before !== undefined) {
      if (isOlder(resource.metadata.resourceVersion, before.metadata.resourceVersion)) return []
      if (JSON.stringify(resource) === JSON.stringify(before)) return []
    }
    this.#resources.set(key, resource)
    return [resource]
  }

  #remove(key: string, deletionTimestamp: string): R[] {
    const before = this.#resources.get(key)
    this.#resources.delete(key)
    return before === undefined ? [] : [{ ...before, metadata: { ...before.metadata, deletionTimestamp } }]
  }
}

const keyOf = ({ metadata }: Resource): string => `${metadata.namespace}/${metadata.name}`

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  delay(ms, undefined, { signal }).catch(() => undefined)

interface WatchOptions {
  readonly signal: AbortSignal
  readonly connected?: () => void
  readonly lost?: (reason: string) => void
}

/** Yields a deleted resource once with a `deletionTimestamp`. */
export const watch = async function* <R extends Resource>(
  kind: ResourceKind<R>,
  client: Client,
  scope: Scope,
  { signal, connected, lost }: WatchOptions,
): AsyncGenerator<readonly R[]> {
  const state = new WatchState<R>()
  yield state.all(await kind.list(client, scope))

  const { follow } = await import('../client/subscribe.ts')
  const queue = new EventQueue<Change<R>>()
  const { request, change } = kind.live(scope)
  const ended = new AbortController()
  const follower = {
    next: (value: never) => {
      connected?.()
      const changed = change?.(value)
      if (changed === undefined) queue.relist()
      else queue.put(changed)
    },
    lost: (reason: string) => lost?.(reason),
  }
  follow(client, request, follower, AbortSignal.any([signal, ended.signal])).catch(error => queue.fail(error))
  const timer = setInterval(() => queue.relist(), RELIST_EVERY_MS)

  let unreachablePause = UNREACHABLE_PAUSE_MS
  const relist = async (): Promise<R[]> => {
    await pause(GATHER_MS, signal)
    try {
      const changed = state.all(await kind.list(client, scope))
      unreachablePause = UNREACHABLE_PAUSE_MS
      connected?.()
      return changed
    } catch (error) {
      if (!(error instanceof Unreachable || (error instanceof ServerError && error.isPassing))) throw error
      await pause(unreachablePause, signal)
      unreachablePause = Math.min(2 * unreachablePause, LONGEST_PAUSE_MS)
      queue.relist()
      return []
    }
  }

  try {
    for await (const arrived of queue.read(signal)) {
      const changed = arrived === RELIST ? await relist() : arrived.flatMap(each => state.change(each))
      if (changed.length > 0) yield changed
    }
  } finally {
    clearInterval(timer)
    ended.abort()
  }
}
