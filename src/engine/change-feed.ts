import type { ListenerRow } from '../../projections/listener-status.ts'
import type { EntityRow } from '../../projections/router-config-rows.ts'
import { unavailable } from '../../schemas/errors.ts'
import { Mailbox } from './mailbox.ts'
import type { Projected, Projector } from './projector.ts'

type Reader = (projected: Projected) => void

/** Tells readers what was projected, each on the topics that it asked for. */
export class ChangeFeed {
  readonly #readers = new Map<string, Set<Reader>>()
  readonly #mailboxes = new Set<Mailbox<never>>()

  constructor(projector: Projector) {
    projector.onProjected(projected => this.#publish(projected))
    // What a rebuilt read model says may differ without any event: readers begin again with what holds now.
    projector.onSwap(() => this.closeAll(unavailable('the read models were rebuilt: subscribe again')))
  }

  /**
   * Reads a topic from now on: `first` is what holds at this very moment, `next` tells what an event makes of it.
   * Nothing lies between the two. The signal must be aborted at the end, in case the reading never begins.
   */
  read<T>(
    topic: string,
    signal: AbortSignal,
    first: readonly T[],
    next: (projected: Projected) => readonly T[],
  ): AsyncIterable<T> {
    const mailbox = new Mailbox<T>()
    for (const value of first) mailbox.push(value)
    const reader: Reader = projected => {
      for (const value of next(projected)) mailbox.push(value)
    }
    const leave = () => {
      mailbox.close()
      this.#mailboxes.delete(mailbox as Mailbox<never>)
      this.#unsubscribe(topic, reader)
    }
    if (signal.aborted) mailbox.close()
    else {
      this.#subscribe(topic, reader)
      this.#mailboxes.add(mailbox as Mailbox<never>)
      signal.addEventListener('abort', leave, { once: true })
    }
    return mailbox.read(leave)
  }

  closeAll(failure?: Error): void {
    for (const mailbox of this.#mailboxes) mailbox.close(failure)
  }

  #subscribe(topic: string, reader: Reader): void {
    const readers = this.#readers.get(topic)
    if (readers === undefined) this.#readers.set(topic, new Set([reader]))
    else readers.add(reader)
  }

  #unsubscribe(topic: string, reader: Reader): void {
    const readers = this.#readers.get(topic)
    readers?.delete(reader)
    if (readers?.size === 0) this.#readers.delete(topic)
  }

  #publish(projected: Projected): void {
    if (this.#readers.size === 0) return
    for (const topic of topicsOf(projected)) for (const reader of this.#readers.get(topic) ?? []) reader(projected)
  }
}

export const EVENTS = 'events'
export const ALL_LISTENERS = 'listeners'
export const listenerTopic = (stream: string): string => `listener ${stream}`
export const listenersTopic = (namespace: string): string => `listeners ${namespace}`
export const routerConfigTopic = (namespace: string): string => `router-config ${namespace}`

/** Whom an event may concern, each topic once. */
const topicsOf = ({ changes }: Projected): Set<string> => {
  const topics = new Set([EVENTS])
  for (const { table, key, before, after } of changes.listenerStatus ?? []) {
    if (table !== 'listeners') continue
    const { namespace } = (after ?? before) as ListenerRow
    topics.add(ALL_LISTENERS).add(listenerTopic(key)).add(listenersTopic(namespace))
  }
  for (const { table, key, before, after } of changes.routerConfig ?? []) {
    topics.add(routerConfigTopic(table === 'sites' ? key : ((after ?? before) as EntityRow).namespace))
  }
  return topics
}
