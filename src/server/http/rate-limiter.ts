import { HarkError } from '../../../schemas/errors.ts'

/** A client may save up so many seconds of its rate. */
const BURST_S = 2
/** When there are so many clients, those are forgotten that have saved up all they may, and then who has been away longest. */
const MOST_CLIENTS = 10_000

interface Bucket {
  tokens: number
  at: number
}

/** How many requests a second each client may send: a bucket of tokens for each, filled as time goes by. */
export class RequestRate {
  readonly #now: () => number
  /** Who came last is last. */
  readonly #buckets = new Map<string, Bucket>()

  /** @param now seconds of a clock that never goes back */
  constructor(now: () => number = () => performance.now() / 1000) {
    this.#now = now
  }

  /** How many clients are remembered. */
  get size(): number {
    return this.#buckets.size
  }

  /** @throws HarkError UNAVAILABLE that says when to come again, where a client has used up what it may */
  take(client: string, perSecond: number): void {
    const now = this.#now()
    const most = perSecond * BURST_S
    let bucket = this.#buckets.get(client)
    if (bucket !== undefined) this.#buckets.delete(client)
    else {
      if (this.#buckets.size >= MOST_CLIENTS) this.#forget(now)
      bucket = { tokens: most, at: now }
    }
    this.#buckets.set(client, bucket)
    bucket.tokens = Math.min(most, bucket.tokens + (now - bucket.at) * perSecond)
    bucket.at = now
    if (bucket.tokens < 1) {
      const retryAfterSeconds = Math.max(1, Math.ceil((1 - bucket.tokens) / perSecond))
      throw new HarkError('UNAVAILABLE', `Too many requests: ${perSecond} a second are what a client may send`, {
        limit: 'requestsPerSecond',
        retryAfterSeconds,
      })
    }
    bucket.tokens -= 1
  }

  /** Those who have stayed away longest; whoever comes again and again is not let off by others. */
  #forget(now: number): void {
    for (const [client, { at }] of this.#buckets) {
      if (now - at < BURST_S && this.#buckets.size < MOST_CLIENTS) return
      this.#buckets.delete(client)
    }
  }
}
