import { HarkError } from '../../../schemas/errors.ts'

const BURST_S = 2
const MAX_CLIENTS = 10_000

interface Bucket {
  tokens: number
  at: number
}

interface Taken {
  readonly tokens?: number
  readonly what?: string
}

export class RateLimiter {
  readonly #now: () => number
  readonly #buckets = new Map<string, Bucket>()

  constructor(now: () => number = () => performance.now() / 1000) {
    this.#now = now
  }

  get size(): number {
    return this.#buckets.size
  }

  /**
   * A request of several commands may take more tokens than there are; later ones wait until these are refilled, because
   * no bucket would ever hold enough for a request larger than a burst.
   *
   * @throws HarkError UNAVAILABLE with retryAfterSeconds
   */
  take(client: string, perSecond: number, { tokens = 1, what = 'requests' }: Taken = {}): void {
    const now = this.#now()
    const capacity = perSecond * BURST_S
    let bucket = this.#buckets.get(client)
    if (bucket !== undefined) this.#buckets.delete(client)
    else {
      if (this.#buckets.size >= MAX_CLIENTS) this.#evict(now)
      bucket = { tokens: capacity, at: now }
    }
    this.#buckets.set(client, bucket)
    bucket.tokens = Math.min(capacity, bucket.tokens + (now - bucket.at) * perSecond)
    bucket.at = now
    if (bucket.tokens < 1) {
      const retryAfterSeconds = Math.max(1, Math.ceil((1 - bucket.tokens) / perSecond))
      throw new HarkError('UNAVAILABLE', `too many ${what}: the limit is ${perSecond} per second and client`, {
        limit: 'requestsPerSecond',
        retryAfterSeconds,
      })
    }
    bucket.tokens -= tokens
  }

  #evict(now: number): void {
    for (const [client, { at }] of this.#buckets) {
      if (now - at < BURST_S && this.#buckets.size < MAX_CLIENTS) return
      this.#buckets.delete(client)
    }
  }
}
