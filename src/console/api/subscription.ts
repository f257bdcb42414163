import { computed, signal } from '@preact/signals'
import { type Client, createClient } from 'graphql-ws'
import type { Operation } from './operation.ts'
import { rejectToken, token } from './session.ts'

const FIRST_RETRY_MS = 300
const LAST_RETRY_MS = 3000
const PING_MS = 10_000
const UNAUTHORIZED = [4401, 4403]

export const connection = signal<'connecting' | 'open' | 'lost'>('connecting')

/** Loaders read it, to repeat a request that failed while the engine was away. */
export const isConnected = computed(() => connection.value !== 'lost')

export const createSubscriptionClient = (): Client => {
  const bearer = token.peek()
  return createClient({
    url: `${location.origin.replace(/^http/, 'ws')}/graphql`,
    connectionParams: bearer === undefined ? {} : { authorization: `Bearer ${bearer}` },
    keepAlive: PING_MS,
    // A subscription that is resumed has other variables.
    retryAttempts: 0,
    on: {
      connected: () => {
        connection.value = 'open'
      },
      closed: event => {
        if (connection.value === 'open') connection.value = 'lost'
        if (event instanceof CloseEvent && UNAUTHORIZED.includes(event.code)) rejectToken(bearer)
      },
    },
  })
}

const pause = (ms: number, stop: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    const over = new AbortController()
    const end = (): void => {
      clearTimeout(timer)
      over.abort()
      resolve()
    }
    const timer = setTimeout(end, ms)
    stop.addEventListener('abort', end, { signal: over.signal })
    addEventListener('online', end, { signal: over.signal })
  })

const once = async <Data>(
  client: Client,
  payload: { query: string; variables: Record<string, unknown> },
  onData: (data: Data) => void,
  stop: AbortSignal,
): Promise<void> => {
  const results = client.iterate<Data>(payload)
  const end = (): void => void results.return?.()
  stop.addEventListener('abort', end, { once: true })
  try {
    for await (const { data } of results) if (data) onData(data)
  } finally {
    stop.removeEventListener('abort', end)
  }
}

/**
 * Keeps a subscription until `stop`, and resumes it whenever it ends.
 *
 * @param variables read at each start, so that it continues after the last message
 */
export const follow = async <Data, Variables extends object>(
  client: Client,
  { query }: Operation<Data, Variables>,
  variables: () => Variables,
  onData: (data: Data) => void,
  stop: AbortSignal,
): Promise<void> => {
  let wait = FIRST_RETRY_MS
  const receive = (data: Data): void => {
    wait = FIRST_RETRY_MS
    onData(data)
  }
  while (!stop.aborted) {
    await once(client, { query, variables: { ...variables() } as Record<string, unknown> }, receive, stop).catch(() => {
      if (connection.value !== 'open') connection.value = 'lost'
    })
    if (!stop.aborted) await pause(wait, stop)
    wait = Math.min(wait * 2, LAST_RETRY_MS)
  }
}
