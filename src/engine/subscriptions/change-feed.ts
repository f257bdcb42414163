import { rowOf } from '../../../projections/kit/table.ts'
import { unavailable } from '../../../schemas/errors.ts'
import type { Logger } from '../../lib/logger.ts'
import { Observers } from '../../lib/observers.ts'
import type { Projected, Projector } from '../read-models/projector.ts'
import type { LiveReading } from './catch-up-subscription.ts'
import { Channel } from './channel.ts'

interface OpenChannel {
  readonly channel: Channel<unknown>
  /** Nothing more is pushed to it, and nobody joins it any more. */
  end(): void
}

/** What there is to be read: those who read the same share a channel. */
export interface Reading<T> {
  /** Tells what is read from what else is read on its topic. */
  readonly name: string
  readonly topic: string
  /** What an event makes a reader know. */
  readonly next: (projected: Projected) => readonly T[]
}

/** Tells readers what was projected, each on the topics that it asked for. */
export class ChangeFeed {
  readonly #logger: Logger
  readonly #readers = new Map<string, Observers<Projected>>()
  #isClosed = false
  #stopped: Error | undefined
  readonly #channels = new Map<string, OpenChannel>()

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

  /** Reads from now on. The signal must be aborted at the end, in case the reading never begins. */
  read<T>(reading: Reading<T>, signal: AbortSignal): LiveReading<T> {
    const reader = this.#channelOf(reading).join()
    const leave = () => reader.close()
    if (signal.aborted) leave()
    else signal.addEventListener('abort', leave, { once: true })
    return { told: reader.read(), isOverfull: () => reader.isOverfull }
  }

  #channelOf<T>({ name, topic, next }: Reading<T>): Channel<T> {
    const open = this.#channels.get(name)
    if (open !== undefined) return open.channel as Channel<T>
    if (this.#isClosed || this.#stopped !== undefined) {
      const closed = new Channel<T>()
      closed.close(this.#isClosed ? undefined : this.#stopped)
      return closed
    }
    const channel = new Channel<T>(() => end())
    const unsubscribe = this.#subscribe(
      topic,
      projected => {
        const values = next(projected)
        if (values.length > 0) channel.push({ position: projected.event.position, values })
      },
      error => {
        channel.close(error as Error)
        end()
      },
    )
    const end = (): void => {
      unsubscribe()
      if (this.#channels.get(name)?.channel === channel) this.#channels.delete(name)
    }
    this.#channels.set(name, { channel: channel as Channel<unknown>, end })
    return channel
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
    for (const { channel, end } of [...this.#channels.values()]) {
      end()
      channel.close(failure)
    }
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
