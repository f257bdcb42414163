import pLimit, { type LimitFunction } from 'p-limit'

/** Runs at most so much work of a client at once; more waits in order. */
export class ClientSlots {
  readonly #atOnce: number
  readonly #limits = new Map<string, LimitFunction>()

  constructor(atOnce: number) {
    this.#atOnce = atOnce
  }

  get size(): number {
    return this.#limits.size
  }

  async run<T>(client: string, work: () => Promise<T>): Promise<T> {
    const limit = this.#limits.get(client) ?? pLimit(this.#atOnce)
    this.#limits.set(client, limit)
    try {
      return await limit(work)
    } finally {
      if (limit.activeCount + limit.pendingCount === 0) this.#limits.delete(client)
    }
  }
}
