import { z } from 'zod'
import { mismatch, mustBe } from './validation.ts'

/** Flags and variables are texts, whatever they mean. */
const number = (value: unknown): unknown => (typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value)

const upTo = (most: number, byDefault: number) => {
  const wrong = mustBe(`a whole number from 1 to ${most}`, 'number')
  return z.preprocess(number, z.int(wrong).min(1, wrong).max(most, wrong)).default(byDefault)
}

const MOST_RATE = 1_000_000
const rate = z.preprocess(
  number,
  z
    .int(mustBe(`a whole number from 0 to ${MOST_RATE}`, 'number'))
    .refine(value => value >= 0 && value <= MOST_RATE, {
      error: ({ input }) => mismatch(input, `a whole number from 0 to ${MOST_RATE}`, 'number'),
    })
    .optional(),
)

/** What clients may ask of the server, each and together. */
export const limits = z.strictObject({
  /** Of one request, or one message over a WebSocket: room for some thousand manifests. */
  requestBytes: upTo(1024 ** 3, 4 * 1024 ** 2),
  /** How many operations may come in one request, as a list. */
  batch: upTo(1000, 1),
  /** Of an operation: how many fields it may ask for, its fragments written out. GraphiQL's introspection takes a fifth. */
  queryFields: upTo(100_000, 1000),
  /** Of an operation: how deep its fields may be nested. */
  queryDepth: upTo(100, 20),
  /** Of an operation: how many aliases it may have. */
  queryAliases: upTo(10_000, 100),
  /** Of an operation: how many rows it may be given, over all of its lists together; nested pages multiply. */
  queryRows: upTo(10_000_000, 20_000),
  /** Of one client, a second; twice that at once. 0 for as many as it likes, which is so by default where nobody is asked for a token. */
  requestsPerSecond: rate,
  /** Queries and commands of one client that are under way at once: those that wait, and those it has not read the answers of. */
  clientOperations: upTo(1_000_000, 1000),
  /** Queries and commands under way at once over one WebSocket. */
  connectionOperations: upTo(1_000_000, 100),
  /** Open at once. */
  subscriptions: upTo(1_000_000, 10_000),
  /** Open at once, of one client. */
  clientSubscriptions: upTo(1_000_000, 5000),
  /** How long a connection on which nothing is asked may stay. */
  idleSeconds: upTo(86_400, 75),
  /** How long a client may take to send the head of a request. */
  headersSeconds: upTo(3600, 10),
  /** How long a client may take to send a request. */
  requestSeconds: upTo(3600, 60),
  /** How long a client may take to read an answer, or a message over a WebSocket. */
  answerSeconds: upTo(3600, 60),
})
export type Limits = z.output<typeof limits>
export type LimitName = keyof Limits
export const LIMIT_NAMES = Object.keys(limits.shape) as readonly LimitName[]

export const DEFAULT_LIMITS: Limits = limits.parse({})
/** Of one client that shows a token, unless it is set. */
export const DEFAULT_REQUESTS_PER_SECOND = 1000
