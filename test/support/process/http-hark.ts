import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'

export interface GraphQLError {
  readonly message: string
  readonly extensions: { readonly code: string } & Record<string, unknown>
}

export interface GraphQLResult {
  // biome-ignore lint/suspicious/noExplicitAny: the shape is that of each query
  readonly data?: any
  readonly errors?: readonly GraphQLError[]
}

/** Faster than `fetch`, for thousands of requests. */
const posted = (url: string, body: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const sent = request(url, { method: 'POST', headers }, response => text(response).then(resolve, reject))
    sent.on('error', reject)
    sent.end(body)
  })

/** What tests ask of an engine that serves. */
export class HttpHark {
  readonly url: string

  constructor(url: string) {
    this.url = url
  }

  /** @throws without an HTTP response */
  async graphql(query: string, variables: object = {}): Promise<GraphQLResult> {
    return JSON.parse(await posted(`${this.url}/graphql`, JSON.stringify({ query, variables })))
  }

  /** Resolves when the read models have caught up. */
  async ready(): Promise<void> {
    for (;;) {
      const { ok } = await fetch(`${this.url}/readyz`)
      if (ok) return
      await pause(10)
    }
  }

  /** The response of /readyz. */
  async readiness(): Promise<{ readonly status: number; readonly reasons: readonly string[] }> {
    const response = await fetch(`${this.url}/readyz`)
    const { reasons } = (await response.json()) as { readonly reasons: readonly string[] }
    return { status: response.status, reasons }
  }

  /** The value of a metric without labels. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text()
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1])
  }
}

export const CREATE = `mutation ($input: CreateListenerInput!) { createListener(input: $input) { position listener { metadata { uid } } } }`

export const createInput = (index: number, namespace = 'shop') => ({
  namespace,
  name: `listener-${index}`,
  spec: { routingKey: `service-${index}`, host: `service-${index}`, port: 8080 },
  commandId: `create-${namespace}-${index}`,
})

/** The events of all pages. */
export const allEvents = async (
  hark: HttpHark,
  filter: object = {},
): Promise<readonly { type: string; stream: string; revision: number; id: string }[]> => {
  const events = []
  for (let after: string | null = null; ; ) {
    const { data, errors } = await hark.graphql(
      `query ($after: Position, $namespace: String) {
        events(first: 1000, after: $after, namespace: $namespace) { edges { node { type stream revision id } } pageInfo { hasNextPage endCursor } }
      }`,
      { after, ...filter },
    )
    if (errors) throw new Error(JSON.stringify(errors))
    events.push(...data.events.edges.map(({ node }: { node: object }) => node))
    if (!data.events.pageInfo.hasNextPage) return events
    after = data.events.pageInfo.endCursor
  }
}
