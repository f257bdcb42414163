import { setTimeout as delay } from 'node:timers/promises'
import { createClient } from 'graphql-ws/client'
import { backoffMs } from '../../lib/retry.ts'
import type { Client, Request } from './client.ts'
import { type ApiError, ServerError } from './errors.ts'

const RECONNECT = { firstMs: 250, longestMs: 5_000 }
/** A connection counts as working then, even without a message. */
const HELD_MS = 30_000
const PING_EVERY_MS = 10_000
const ANSWER_WITHIN_MS = 5_000
const UNAUTHORIZED = 4401
const ABNORMAL = 1006
/**
 * Message too big, bad request, unauthorized, forbidden, subprotocol not acceptable, subscriber already exists, too
 * many initialisation requests.
 */
const REFUSING_CODES: ReadonlySet<number> = new Set([1009, 4400, UNAUTHORIZED, 4403, 4406, 4409, 4429])

interface SubscriptionHandler<Data> {
  /** Called after each connection; changes between two connections are not delivered. */
  connected?(): void
  next(data: Data): void
  lost(reason: string): void
}

interface Ending {
  readonly refusal?: ServerError
  readonly reason: string
  readonly retryAfterMs: number
}

const endingOf = (cause: unknown): Ending => {
  if (Array.isArray(cause)) {
    const refused = new ServerError(cause as ApiError[])
    const { errors, retryAfterMs } = refused
    const reason = errors.map(({ message }) => message).join('; ')
    return refused.isPassing ? { reason, retryAfterMs } : { refusal: refused, reason, retryAfterMs: 0 }
  }
  const { code, reason: closeReason, message } = (cause ?? {}) as { code?: number; reason?: string; message?: string }
  if (code !== undefined && REFUSING_CODES.has(code)) {
    const extensions = code === UNAUTHORIZED ? { code: 'UNAUTHENTICATED' } : {}
    const refusal = new ServerError([{ message: closeReason || `refused with the close code ${code}`, extensions }])
    return { refusal, reason: refusal.message, retryAfterMs: 0 }
  }
  const closed = code === undefined || code === ABNORMAL ? '' : `close code ${code}`
  return { reason: closeReason || message || closed || 'it broke off', retryAfterMs: 0 }
}

class Overdue {
  #timer: NodeJS.Timeout | undefined

  expect(giveUp: () => void): void {
    this.met()
    this.#timer = setTimeout(giveUp, ANSWER_WITHIN_MS)
  }

  met(): void {
    clearTimeout(this.#timer)
  }
}

const followOnce = async <Data>(
  { endpoint, token }: Client,
  request: Request,
  follower: SubscriptionHandler<Data>,
  signal: AbortSignal,
): Promise<void> => {
  endpoint.protocol = endpoint.protocol === 'https:' ? 'wss:' : 'ws:'
  const overdue = new Overdue()
  const ended = Promise.withResolvers<void>()
  const connection = createClient({
    url: endpoint.href,
    retryAttempts: 0,
    ...(token && { connectionParams: { authorization: `Bearer ${token}` } }),
    keepAlive: PING_EVERY_MS,
    on: {
      connecting: () => overdue.expect(() => connection.terminate()),
      connected: () => {
        overdue.met()
        follower.connected?.()
      },
      ping: received => {
        if (!received) overdue.expect(() => connection.terminate())
      },
      pong: received => {
        if (received) overdue.met()
      },
    },
  })
  connection.subscribe<Data>(
    { query: request.query, variables: { ...request.variables } },
    {
      next: ({ data, errors }) => {
        if (errors !== undefined) ended.reject(errors)
        else if (data) follower.next(data)
      },
      error: ended.reject,
      complete: ended.resolve,
    },
  )
  const leave = () => ended.resolve()
  signal.addEventListener('abort', leave)
  try {
    await ended.promise
  } finally {
    signal.removeEventListener('abort', leave)
    overdue.met()
    // It rejects if the connection breaks before it is established.
    Promise.resolve(connection.dispose()).catch(() => undefined)
  }
}

interface Backoff {
  readonly random?: () => number
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>
}

const wait = (ms: number, signal: AbortSignal): Promise<void> => delay(ms, undefined, { signal }).catch(() => undefined)

/**
 * Reconnects until the signal aborts. Pauses grow until a message arrives, since an engine may accept connections and
 * then fail.
 *
 * @throws ServerError if the engine rejects the subscription for good
 */
export const follow = async <Data>(
  client: Client,
  request: Request,
  follower: SubscriptionHandler<Data>,
  signal: AbortSignal,
  { random = Math.random, pause = wait }: Backoff = {},
): Promise<void> => {
  for (let failures = 0; !signal.aborted; failures += 1) {
    let ending: Ending = { reason: 'the engine ended it', retryAfterMs: 0 }
    const since = performance.now()
    const next = (data: Data) => {
      failures = 0
      follower.next(data)
    }
    await followOnce(client, request, { ...follower, next }, signal).catch(cause => {
      ending = endingOf(cause)
    })
    if (ending.refusal !== undefined) throw ending.refusal
    if (signal.aborted) return
    if (performance.now() - since > HELD_MS) failures = 0
    follower.lost(ending.reason)
    await pause(Math.max(backoffMs(failures, RECONNECT, random), ending.retryAfterMs), signal)
  }
}
