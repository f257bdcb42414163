import type { Client } from '../../client/client.ts'
import { type ChangeFragment, ComparedListenerAtDocument } from '../../client/generated.ts'
import { type ChangeScope, changePages, statePages } from '../../history/changes.ts'
import type { Moment } from '../../options.ts'
import type { Predicate } from './predicate.ts'

export interface Search extends ChangeScope {
  readonly listener: string
  readonly predicate: Predicate
}

export type Found =
  | { readonly found: 'change'; readonly change: ChangeFragment; readonly looks: number }
  | { readonly found: 'before' }
  | { readonly found: 'never' }

type OnLook = (looks: number) => void

export const findFirstChange = async (client: Client, search: Search, onLook: OnLook): Promise<Found> => {
  const { namespace, listener, predicate, from, to } = search
  let looks = 0
  const at = async (moment: Moment | undefined) => {
    looks += 1
    onLook(looks)
    return (await client.request(ComparedListenerAtDocument, { namespace, name: listener, at: moment })).listener
  }
  const [begin, end] = [await at(from ?? { position: '0' }), await at(to)]
  if (predicate.holds(begin)) return { found: 'before' }
  // Binary search needs a monotonic predicate and a single listener in the window.
  const isOne = begin === null || begin.metadata.uid === end?.metadata.uid
  if (!(predicate.isMonotonic && isOne && predicate.holds(end))) return scan(client, search, onLook)
  let [low, high] = [0, Number(end?.metadata.resourceVersion)]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    const there = await at({ position: String(middle) })
    const isSame = there?.metadata.uid === end?.metadata.uid
    if (isSame && predicate.holds(there)) high = middle
    else low = middle
  }
  return changeAt(client, search, String(high), looks)
}

const scan = async (client: Client, { predicate, ...scope }: Search, onLook: OnLook): Promise<Found> => {
  let looks = 0
  for await (const page of statePages(client, scope)) {
    for (const { cursor, node } of page) {
      looks += 1
      const own = node.listeners.find(({ name }) => name === scope.listener)
      if (own !== undefined && predicate.holds(own.after)) return changeAt(client, scope, cursor, looks)
    }
    onLook(looks)
  }
  return { found: 'never' }
}

const changeAt = async (
  client: Client,
  { namespace, listener }: ChangeScope,
  position: string,
  looks: number,
): Promise<Found> => {
  const scope = { namespace, listener, from: { position }, to: { position } }
  for await (const [change] of changePages(client, scope)) {
    if (change !== undefined) return { found: 'change', change, looks }
  }
  return { found: 'never' }
}
