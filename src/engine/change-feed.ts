import { rowOf } from '../../projections/table.ts'
import { unavailable } from '../../schemas/errors.ts'
import { Observers } from '../lib/observers.ts'
import type { LiveReading, Told } from './follow.ts'
import type { Logger } from './logger.ts'
import { Mailbox } from './mailbox.ts'
import type { Projected, Projector } from './projector.ts'

/** Tells readers what was projected, each on the topics that it asked for. */
export class ChangeFeed {
  readonly #logger: Logger
  readonly #readers = new Map<string, Observers<Projected>>()
  #isClosed = false
  #stopped: Error | undefined
  readonly #mailboxes = new Set<Mailbox<never>>()

  constructor(projector: Projector, logger: Logger) {
    this.#logger = logger
    projector.onProjected(
      projected => this.#publish(projected),
      () => this.#closeAll(unavailable('a change could not be passed on: subscribe again')),
    )
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
    let unsubscribe = () => {}
    const reader = (projected: Projected) => {
      const values = next(projected)
      if (values.length === 0) return
      mailbox.push({ position: projected.event.position, values })
      if (mailbox.isOverfull) leave()
    }
    const leave = () => {
      mailbox.close()
      this.#mailboxes.delete(mailbox as Mailbox<never>)
      unsubscribe()
      signal.removeEventListener('abort', leave)
    }
    if (signal.aborted || this.#isClosed) mailbox.close()
    else if (this.#stopped !== undefined) mailbox.close(this.#stopped)
    else {
      unsubscribe = this.#subscribe(topic, reader, error => {
        mailbox.close(error as Error)
        leave()
      })
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

  #subscribe(topic: string, reader: (projected: Projected) => void, onFailure: (error: unknown) => void): () => void {
    const readers = this.#readers.get(topic) ?? new Observers(this.#logger)
    this.#readers.set(topic, readers)
    const end = readers.add(reader, onFailure)
    return () => {
      end()
      if (readers.size === 0 && this.#readers.get(topic) === readers) this.#readers.delete(topic)
    }
  }

  #publish(projected: Projected): void {
    if (this.#readers.size === 0) return
    for (const topic of topicsOf(projected)) this.#readers.get(topic)?.notify(projected)
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
