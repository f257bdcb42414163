import { setTimeout as delay } from 'node:timers/promises'
import { createClient } from 'graphql-ws/client'
import type { Client, Operation } from './client.ts'
import { type ApiError, Refused } from './errors.ts'

const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 5_000
const PING_EVERY_MS = 10_000
const ANSWER_WITHIN_MS = 5_000
/** The close codes with which an engine refuses the client, and would again: unauthorized, forbidden. */
const REFUSING_CODES = [4401, 4403]
/** What an engine says that is busy or going down. */
const PASSING_CODES = ['UNAVAILABLE', 'INTERNAL_SERVER_ERROR']

export interface Follower<Data> {
  /** The engine was reached, for the first time or again: what happened since the last time was missed. */
  connected(): void
  next(data: Data): void
  /** The connection is gone; it is tried again and again. */
  lost(): void
}

const refusalIn = (reason: unknown): Refused | undefined => {
  if (Array.isArray(reason)) {
    const errors = reason as ApiError[]
    return errors.every(({ extensions }) => PASSING_CODES.includes(extensions?.code ?? ''))
      ? undefined
      : new Refused(errors)
  }
  const { code, reason: words } = reason as { code?: number; reason?: string }
  if (code === undefined || !REFUSING_CODES.includes(code)) return undefined
  return new Refused([{ message: words ?? 'refused', extensions: { code: 'UNAUTHENTICATED' } }])
}

/** Gives up a connection on which an answer is overdue. */
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

/** Runs a subscription over a connection of its own, until one of them ends. */
const followOnce = async <Data>(
  { endpoint, token }: Client,
  operation: Operation,
  follower: Follower<Data>,
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
        follower.connected()
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
    { query: operation.query, variables: { ...operation.variables } },
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
    void connection.dispose()
  }
}

/**
 * Follows a subscription until the signal ends it, over any number of connections.
 *
 * @throws Refused where the engine answers that it will not have it
 */
export const follow = async <Data>(
  client: Client,
  operation: Operation,
  follower: Follower<Data>,
  signal: AbortSignal,
): Promise<void> => {
  let pause = FIRST_PAUSE_MS
  const connected = () => {
    pause = FIRST_PAUSE_MS
    follower.connected()
  }
  while (!signal.aborted) {
    try {
      await followOnce(client, operation, { ...follower, connected }, signal)
    } catch (reason) {
      const refusal = refusalIn(reason)
      if (refusal !== undefined) throw refusal
    }
    if (signal.aborted) return
    follower.lost()
    await delay(pause, undefined, { signal }).catch(() => undefined)
    pause = Math.min(2 * pause, LONGEST_PAUSE_MS)
  }
}
