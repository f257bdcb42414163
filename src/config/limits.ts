import { z } from 'zod'
import { mismatch, mustBe } from '../../schemas/validation.ts'
import { toNumber } from './values.ts'

const upTo = (most: number, byDefault: number) => {
  const wrong = mustBe(`a whole number from 1 to ${most}`, 'number')
  return z.preprocess(toNumber, z.int(wrong).min(1, wrong).max(most, wrong)).default(byDefault)
}

const MOST_RATE = 1_000_000
const rate = z.preprocess(
  toNumber,
  z
    .int(mustBe(`a whole number from 0 to ${MOST_RATE}`, 'number'))
    .refine(value => value >= 0 && value <= MOST_RATE, {
      error: ({ input }) => mismatch(input, `a whole number from 0 to ${MOST_RATE}`, 'number'),
    })
    .optional(),
)

export const limits = z.strictObject({
  /** Has room for some thousand manifests. */
  requestBytes: upTo(1024 ** 3, 4 * 1024 ** 2),
  /** Operations in one request. */
  batch: upTo(1000, 1),
  /** Counted with fragments expanded. GraphiQL's introspection has a fifth of the default. */
  queryFields: upTo(100_000, 1000),
  queryDepth: upTo(100, 20),
  queryAliases: upTo(10_000, 100),
  /** Rows over all lists. */
  queryRows: upTo(10_000_000, 20_000),
  /** Per client; bursts may be twice as large. 0 is unlimited, the default without authentication. */
  requestsPerSecond: rate,
  /** Per client. */
  clientOperations: upTo(1_000_000, 1000),
  connectionOperations: upTo(1_000_000, 100),
  subscriptions: upTo(1_000_000, 10_000),
  clientSubscriptions: upTo(1_000_000, 5000),
  idleSeconds: upTo(86_400, 75),
  headersSeconds: upTo(3600, 10),
  requestSeconds: upTo(3600, 60),
  /** Time for the client to read a response or a WebSocket message. */
  answerSeconds: upTo(3600, 60),
})
export type Limits = z.output<typeof limits>
export type LimitName = keyof Limits
export const LIMIT_NAMES = Object.keys(limits.shape) as readonly LimitName[]

export const DEFAULT_LIMITS: Limits = limits.parse({})
/** Applies to clients with a token. */
export const DEFAULT_REQUESTS_PER_SECOND = 1000
