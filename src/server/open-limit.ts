import { HarkError } from '../../schemas/errors.ts'
import type { EnforcedLimits } from './limits.ts'

export class OpenLimit {
  readonly #limits: EnforcedLimits
  readonly #what: string
  readonly #byClient = new Map<string, number>()
  #count = 0

  constructor(limits: EnforcedLimits, what: string) {
    this.#limits = limits
    this.#what = what
  }

  get count(): number {
    return this.#count
  }

  assertRoom(client: string): void {
    const { subscriptions, clientSubscriptions } = this.#limits
    const isFull = this.#count >= subscriptions
    if (!isFull && (this.#byClient.get(client) ?? 0) < clientSubscriptions) return
    const limit = isFull ? 'subscriptions' : 'clientSubscriptions'
    this.#limits.hit(limit)
    throw new HarkError(
      'UNAVAILABLE',
      isFull
        ? `too many ${this.#what}: the limit is ${subscriptions}`
        : `too many ${this.#what}: the limit per client is ${clientSubscriptions}`,
      { limit },
    )
  }

  add(client: string): void {
    this.#count += 1
    this.#byClient.set(client, (this.#byClient.get(client) ?? 0) + 1)
  }

  remove(client: string): void {
    this.#count -= 1
    const rest = (this.#byClient.get(client) ?? 0) - 1
    if (rest > 0) this.#byClient.set(client, rest)
    else this.#byClient.delete(client)
  }
}
