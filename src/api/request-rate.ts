import { HarkError } from '../../schemas/errors.ts'

/** A client may save up so many seconds of its rate. */
const BURST_S = 2
/** Clients that have saved up all they may are forgotten when there are so many. */
const MOST_CLIENTS = 10_000

interface Bucket {
  tokens: number
  at: number
}

/** How many requests a second each client may send: a bucket of tokens for each, filled as time goes by. */
export class RequestRate {
  readonly #now: () => number
  readonly #buckets = new Map<string, Bucket>()

  /** @param now seconds of a clock that never goes back */
  constructor(now: () => number = () => performance.now() / 1000) {
    this.#now = now
  }

  /** @throws HarkError UNAVAILABLE that says when to come again, where a client has used up what it may */
  take(client: string, perSecond: number): void {
    const now = this.#now()
    const most = perSecond * BURST_S
    let bucket = this.#buckets.get(client)
    if (bucket === undefined) {
      if (this.#buckets.size >= MOST_CLIENTS) this.#forget(now, perSecond)
      bucket = { tokens: most, at: now }
      this.#buckets.set(client, bucket)
    }
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

  #forget(now: number, perSecond: number): void {
    for (const [client, { tokens, at }] of this.#buckets) {
      if (tokens + (now - at) * perSecond >= perSecond * BURST_S) this.#buckets.delete(client)
    }
    // Where nobody has been away, the one that was first here is.
    for (const client of this.#buckets.keys()) {
      if (this.#buckets.size < MOST_CLIENTS) return
      this.#buckets.delete(client)
    }
  }
}
