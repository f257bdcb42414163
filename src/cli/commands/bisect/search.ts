import type { Client } from '../../client/client.ts'
import {
  type ChangeFragment,
  ComparedListenerAtDocument,
  ComparedMultiKeyListenerAtDocument,
} from '../../client/generated.ts'
import { changePages, historyBegin, noteBegin, statePages } from '../../history/changes.ts'
import { changesOf, isMultiKey, type ListenerSubject } from '../../history/listener-subject.ts'
import type { Moment, WindowOptions } from '../../moment.ts'
import type { Compared, Predicate } from './predicate.ts'

export interface Search extends WindowOptions {
  readonly namespace: string
  readonly subject: ListenerSubject
  readonly predicate: Predicate
}

const stateAt = async (
  client: Client,
  { namespace, subject: { kind, name } }: Search,
  at: Moment | undefined,
): Promise<Compared | null> => {
  const variables = { namespace, name, at }
  return isMultiKey(kind.kind)
    ? (await client.request(ComparedMultiKeyListenerAtDocument, variables)).multiKeyListener
    : (await client.request(ComparedListenerAtDocument, variables)).listener
}

export type Found =
  | { readonly found: 'change'; readonly change: ChangeFragment; readonly checks: number }
  | { readonly found: 'before' }
  | { readonly found: 'never' }

type OnCheck = (checks: number) => void

export const findFirstChange = async (client: Client, search: Search, onCheck: OnCheck): Promise<Found> => {
  const { namespace, predicate, to } = search
  const kept = await historyBegin(client, namespace)
  if (kept !== undefined && search.from === undefined) noteBegin(kept.keptFrom)
  const first = kept?.keptPosition ?? '0'
  const from = search.from ?? { position: first }
  let checks = 0
  const at = async (moment: Moment | undefined) => {
    checks += 1
    onCheck(checks)
    return stateAt(client, search, moment)
  }
  const [begin, end] = [await at(from), await at(to)]
  if (predicate.holds(begin)) return { found: 'before' }
  const isOne = begin === null || begin.metadata.uid === end?.metadata.uid
  if (!(predicate.isMonotonic && isOne && predicate.holds(end))) return scan(client, search, onCheck)
  let [low, high] = [Number(first), Number(end?.metadata.resourceVersion)]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    const there = await at({ position: String(middle) })
    const isSame = there?.metadata.uid === end?.metadata.uid
    if (isSame && predicate.holds(there)) high = middle
    else low = middle
  }
  return changeAt(client, search, String(high), checks)
}

const scan = async (client: Client, search: Search, onCheck: OnCheck): Promise<Found> => {
  const { namespace, subject, predicate, from, to } = search
  let checks = 0
  for await (const page of statePages(client, { namespace, ...changesOf(subject), from, to })) {
    for (const { cursor, node } of page) {
      checks += 1
      const [own] = isMultiKey(subject.kind.kind) ? node.multiKeyListeners : node.listeners
      if (own !== undefined && predicate.holds(own.after)) return changeAt(client, search, cursor, checks)
    }
    onCheck(checks)
  }
  return { found: 'never' }
}

const changeAt = async (
  client: Client,
  { namespace, subject }: Search,
  position: string,
  checks: number,
): Promise<Found> => {
  const scope = { namespace, ...changesOf(subject), from: { position }, to: { position } }
  for await (const [change] of changePages(client, scope)) {
    if (change !== undefined) return { found: 'change', change, checks }
  }
  return { found: 'never' }
}
