import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createEngine } from '../../src/engine/create-engine.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { connectInThisThread } from '../../src/engine/history/recorder.ts'
import type { EventStore } from '../../src/event-store/event-store.ts'
import { openSqliteEventStore } from '../../src/event-store/sqlite/store.ts'
import { createServer, type ServerOptions } from '../../src/server/server.ts'
import { silentLogger } from '../fakes/silent-logger.ts'

export interface GraphQLError {
  readonly message: string
  readonly path?: readonly (string | number)[]
  readonly extensions: {
    readonly code: string
    readonly fields?: readonly { readonly path: string; readonly message: string }[]
    readonly currentResourceVersion?: string
  }
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: the shape is that of each query
  readonly data?: any
  readonly errors?: readonly GraphQLError[]
}

interface TestServerOptions {
  /** Decorates the engine. */
  readonly wrapEngine?: (engine: Engine) => Engine
  readonly server?: Omit<ServerOptions, 'engine' | 'logger'>
}

/** A server with an engine on a SQLite store. */
export class TestServer {
  readonly url: string
  readonly engine: Engine
  readonly store: EventStore
  /** Logged errors. */
  readonly loggedErrors: object[]
  readonly stopServer: () => Promise<void>
  readonly #stop: () => Promise<void>

  private constructor(
    parts: Pick<TestServer, 'url' | 'engine' | 'store' | 'loggedErrors' | 'stopServer'>,
    stop: () => Promise<void>,
  ) {
    this.url = parts.url
    this.engine = parts.engine
    this.store = parts.store
    this.loggedErrors = parts.loggedErrors
    this.stopServer = parts.stopServer
    this.#stop = stop
  }

  static async start({
    wrapEngine: behind = engine => engine,
    server: options = {},
  }: TestServerOptions = {}): Promise<TestServer> {
    const folder = await mkdtemp(join(tmpdir(), 'hark-test-'))
    const store = openSqliteEventStore({ file: join(folder, 'events.db') })
    const logged: object[] = []
    const logger = { ...silentLogger, error: (details: object) => void logged.push(details) }
    const engine = createEngine({
      store,
      readModelFile: join(folder, 'read-models.db'),
      logger,
      connectHistory: connectInThisThread,
    })
    await engine.whenReady()
    const server = createServer({ idleMs: 20, ...options, engine: behind(engine), logger })
    const url = await server.listen({ host: '127.0.0.1', port: 0 })
    return new TestServer({ url, engine, store, loggedErrors: logged, stopServer: () => server.close() }, async () => {
      await server.close()
      await engine.close()
      await store.close()
      await rm(folder, { recursive: true })
    })
  }

  /** Sends a raw request to the endpoint. */
  async post(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
      body,
    })
    return answerOf(response)
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return answerOf(await fetch(`${this.url}${path}`, { headers, redirect: 'manual' }))
  }

  graphql(query: string, variables: object = {}, headers: Record<string, string> = {}): Promise<Answer> {
    return this.post(JSON.stringify({ query, variables }), headers)
  }

  /** The data of a successful operation. */
  async data(query: string, variables: object = {}): Promise<NonNullable<Answer['data']>> {
    const { data, errors } = await this.graphql(query, variables)
    assert.deepEqual(errors, undefined)
    return data
  }

  /** The only error of a failing operation. */
  async error(query: string, variables: object = {}): Promise<GraphQLError> {
    return onlyError(await this.graphql(query, variables))
  }

  async eventCount(): Promise<number> {
    const { events } = await this.data('{ events(first: 1000) { edges { cursor } } }')
    return events.edges.length
  }

  async openSubscriptions(): Promise<number> {
    const { text } = await this.get('/metrics')
    return Number(/^hark_subscriptions_open (\d+)$/m.exec(text)?.[1])
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stop()
  }
}

const answerOf = async (response: Response): Promise<Answer> => {
  const { status, headers } = response
  const text = await response.text()
  const isJson = headers.get('content-type')?.includes('json')
  const body = isJson ? (JSON.parse(text) as Partial<Answer>) : {}
  return { status, headers, text, ...body }
}

/** The only error of a response; asserts that it reveals no internals. */
export const onlyError = ({ errors = [], text }: Pick<Answer, 'errors' | 'text'>): GraphQLError => {
  assert.equal(errors.length, 1, text)
  assert.doesNotMatch(text, /\bat .*\.[jt]s\b|node_modules|stack/)
  return errors[0]!
}
