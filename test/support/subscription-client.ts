import { createClient as createSseClient } from 'graphql-sse'
import { createClient } from 'graphql-ws'
import type { Answer } from './test-server.ts'

export type Result = Pick<Answer, 'data' | 'errors'>

/** A client's view of a subscription. */
export interface TestSubscription extends AsyncDisposable {
  /** The next result; undefined once it is complete. */
  next(): Promise<Result | undefined>
  /** Disconnects without completing. */
  disconnect(): void
}

const live = (results: AsyncIterator<Result>, leave: () => void): TestSubscription => ({
  next: async () => {
    const { value, done } = await results.next()
    return done ? undefined : value
  },
  disconnect: leave,
  [Symbol.asyncDispose]: async () => leave(),
})

async function* eventsOf(response: Response): AsyncGenerator<Result> {
  let text = ''
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const event = text.slice(0, end)
      text = text.slice(end + 2)
      if (event.startsWith('event: complete')) return
      const data = /^data: (.*)$/m.exec(event)?.[1]
      if (data !== undefined) yield JSON.parse(data)
    }
  }
}

/** All remaining results. */
export const all = async <T>(results: AsyncIterable<T>): Promise<T[]> => {
  const taken: T[] = []
  for await (const result of results) taken.push(result)
  return taken
}

/** Subscribes over server-sent events. */
export const overEvents = async (
  url: string,
  query: string,
  variables: object = {},
  headers: Record<string, string> = {},
): Promise<TestSubscription> => {
  const leaving = new AbortController()
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...headers },
    body: JSON.stringify({ query, variables }),
    signal: leaving.signal,
  })
  return live(eventsOf(response), () => leaving.abort())
}

/** Subscribes over a new WebSocket. */
export const overWebSocket = async (
  url: string,
  query: string,
  variables: object = {},
  connectionParams: Record<string, string> = {},
): Promise<TestSubscription> => {
  const client = createClient({ url: `${url.replace('http', 'ws')}/graphql`, retryAttempts: 0, connectionParams })
  const results = client.iterate<Result['data']>({ query, variables: { ...variables } })
  return live(results as AsyncIterator<Result>, () => client.terminate())
}

/** Subscribes over a new event stream in single connection mode. */
export const overSingleConnection = async (
  url: string,
  query: string,
  variables: object = {},
  headers: Record<string, string> = {},
): Promise<TestSubscription> => {
  const client = createSseClient({ url: `${url}/graphql/stream`, singleConnection: true, retryAttempts: 0, headers })
  const results = client.iterate<Result['data']>({ query, variables: { ...variables } })
  return live(results as AsyncIterator<Result>, () => client.dispose())
}

export const TRANSPORTS = {
  'server-sent events': overEvents,
  'a WebSocket': overWebSocket,
  'an event stream of many operations': overSingleConnection,
} as const
