import { rowOf } from '../../../projections/kit/table.ts'
import { unavailable } from '../../../schemas/errors.ts'
import { KINDS, type Kind } from '../../../schemas/resources/kinds.ts'
import type { Logger } from '../../lib/logger.ts'
import { Observers } from '../../lib/observers.ts'
import { type ModelName, namespaceOf } from '../read-models/projections.ts'
import type { Projected, Projector } from '../read-models/projector.ts'
import { modelOf } from '../resources/registry.ts'
import { Channel } from './channel.ts'
import type { LiveReading } from './types.ts'

interface OpenChannel {
  readonly channel: Channel<unknown>
  end(): void
}

export interface Reading<T> {
  readonly name: string
  readonly topic: string
  readonly next: (projected: Projected) => readonly T[]
}

export class ChangeFeed {
  readonly #logger: Logger
  readonly #topics = new Map<string, Observers<Projected>>()
  readonly #channels = new Map<string, OpenChannel>()
  #isClosed = false
  #failure: Error | undefined

  constructor(projector: Projector, logger: Logger) {
    this.#logger = logger
    projector.onProjected(
      projected => this.#publish(projected),
      () => this.#closeAll(unavailable('a change could not be delivered: subscribe again')),
    )
    projector.onStop(() => {
      this.#failure = unavailable('the read models have stopped: there are no more changes')
      this.#closeAll(this.#failure)
    })
    // Rebuilt rows may differ without an event, so readers must begin again.
    projector.onSwap(() => this.#closeAll(unavailable('the read models were rebuilt: subscribe again')))
  }

  /** The reading may never be iterated: the signal must abort. */
  read<T>(reading: Reading<T>, signal: AbortSignal): LiveReading<T> {
    const reader = this.#channelOf(reading).join()
    const leave = () => reader.close()
    if (signal.aborted) leave()
    else signal.addEventListener('abort', leave, { once: true })
    return { batches: reader.read(), hasOverflowed: () => reader.hasOverflowed }
  }

  #channelOf<T>({ name, topic, next }: Reading<T>): Channel<T> {
    const open = this.#channels.get(name)
    if (open !== undefined) return open.channel as Channel<T>
    if (this.#isClosed || this.#failure !== undefined) {
      const closed = new Channel<T>()
      closed.close(this.#isClosed ? undefined : this.#failure)
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

  #subscribe(topic: string, observe: (projected: Projected) => void, onFailure: (error: unknown) => void): () => void {
    const observers = this.#topics.get(topic) ?? new Observers(this.#logger)
    this.#topics.set(topic, observers)
    const end = observers.add(observe, onFailure)
    return () => {
      end()
      if (observers.size === 0 && this.#topics.get(topic) === observers) this.#topics.delete(topic)
    }
  }

  #publish(projected: Projected): void {
    if (this.#topics.size === 0) return
    for (const topic of topicsOf(projected)) this.#topics.get(topic)?.notify(projected)
  }
}

export const EVENTS = 'events'
export const kindTopic = (kind: Kind, namespace?: string): string =>
  namespace === undefined ? kind : `${kind} ${namespace}`
export const resourceTopic = (kind: Kind, key: string): string => `${kind} ${key}`
export const routerConfigTopic = (namespace: string): string => `router-config ${namespace}`

const WATCHED = KINDS.map(kind => {
  const { model, table, related = [] } = modelOf(kind)
  return { kind, model: model as ModelName, tables: [table, ...related] }
})

const topicsOf = ({ changes }: Projected): Set<string> => {
  const topics = new Set([EVENTS])
  for (const { kind, model, tables } of WATCHED) {
    for (const change of changes[model] ?? []) {
      if (!tables.includes(change.table)) continue
      const namespace = namespaceOf(rowOf(change), change.key)
      topics.add(kind).add(kindTopic(kind, namespace)).add(resourceTopic(kind, change.key))
    }
  }
  for (const change of changes.routerConfig ?? [])
    topics.add(routerConfigTopic(change.table === 'sites' ? change.key : rowOf(change).namespace))
  return topics
}
