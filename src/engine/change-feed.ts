import { rowOf } from '../../projections/table.ts'
import { unavailable } from '../../schemas/errors.ts'
import type { LiveReading, Told } from './follow.ts'
import { Mailbox } from './mailbox.ts'
import type { Projected, Projector } from './projector.ts'

type Reader = (projected: Projected) => void

/** Tells readers what was projected, each on the topics that it asked for. */
export class ChangeFeed {
  readonly #readers = new Map<string, Set<Reader>>()
  #isClosed = false
  #stopped: Error | undefined
  readonly #mailboxes = new Set<Mailbox<never>>()

  constructor(projector: Projector) {
    projector.onProjected(projected => this.#publish(projected))
    // What a rebuilt read model says may differ without any event: readers begin again with what holds now.
    projector.onStop(() => {
      this.#stopped = unavailable('the read models have stopped: nothing new will be told')
      this.#closeAll(this.#stopped)
    })
    projector.onSwap(() => this.#closeAll(unavailable('the read models were rebuilt: subscribe again')))
  }

  /**
   * Reads a topic from now on: `next` tells what an event makes a reader know. The signal must be aborted at the end, in
   * case the reading never begins.
   */
  read<T>(topic: string, signal: AbortSignal, next: (projected: Projected) => readonly T[]): LiveReading<T> {
    const mailbox = new Mailbox<Told<T>>()
    const reader: Reader = projected => {
      const values = next(projected)
      if (values.length === 0) return
      mailbox.push({ position: projected.event.position, values })
      if (mailbox.isOverfull) leave()
    }
    const leave = () => {
      mailbox.close()
      this.#mailboxes.delete(mailbox as Mailbox<never>)
      this.#unsubscribe(topic, reader)
      signal.removeEventListener('abort', leave)
    }
    if (signal.aborted || this.#isClosed) mailbox.close()
    else if (this.#stopped !== undefined) mailbox.close(this.#stopped)
    else {
      this.#subscribe(topic, reader)
      this.#mailboxes.add(mailbox as Mailbox<never>)
      signal.addEventListener('abort', leave, { once: true })
    }
    return { told: mailbox.read(leave), isOverfull: () => mailbox.isOverfull }
  }

  /** Nothing more is told: the engine is shutting down. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  close(): void {
    this.#isClosed = true
    this.#closeAll()
  }

  #closeAll(failure?: Error): void {
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
  for (const change of changes.listenerStatus ?? []) {
    if (change.table !== 'listeners') continue
    const { namespace } = rowOf(change)
    topics.add(ALL_LISTENERS).add(listenerTopic(change.key)).add(listenersTopic(namespace))
  }
  for (const change of changes.routerConfig ?? [])
    topics.add(routerConfigTopic(change.table === 'sites' ? change.key : rowOf(change).namespace))
  return topics
}
