import about from '../../../package.json' with { type: 'json' }
import { note } from '../output/print.ts'
import { type ApiError, distrust, noAnswer, ServerError, serverName, Unreachable } from './errors.ts'

/** Longer than an engine takes for a command before it gives up itself. */
const PATIENCE_MS = 30_000

/** A GraphQL document with the types of its data and variables. */
export interface Operation<Data = unknown, Variables = object> {
  readonly query: string
  /** For the compiler alone; absent at run time. */
  readonly types?: { readonly data: Data; readonly variables: Variables }
}

/** An operation with its variables. */
export interface Request {
  readonly query: string
  readonly variables: object
}

export interface RequestOptions {
  readonly patienceMs?: number
  /** Gives it up. */
  readonly signal?: AbortSignal
}

interface Answer<Data> {
  readonly data?: Data | null
  readonly errors?: readonly ApiError[]
}

/** A field that this role may not see: the rest is there. */
const isKeptBack = ({ path = [], extensions }: ApiError): boolean => extensions?.code === 'FORBIDDEN' && path.length > 1

const isAnswer = (body: unknown): body is Answer<unknown> =>
  typeof body === 'object' && body !== null && ('data' in body || 'errors' in body)

/** Talks to one engine. */
export class Client {
  readonly server: URL
  readonly token: string | undefined

  constructor(server: URL, token: string | undefined = process.env.HARK_TOKEN || undefined) {
    this.server = server
    this.token = token
  }

  get endpoint(): URL {
    const url = new URL(this.server)
    url.pathname = `${url.pathname.replace(/\/$/, '')}/graphql`
    return url
  }

  /**
   * Asks a query or a mutation.
   *
   * @throws Unreachable where nothing answers in time, or what answers is no Hark engine
   * @throws Refused where the engine answers with errors
   */
  async request<Data, Variables>(
    { query }: Operation<Data, Variables>,
    variables: Variables,
    options: RequestOptions = {},
  ): Promise<Data> {
    const { status, body } = await this.#post({ query, variables }, options)
    if (!isAnswer(body)) {
      throw new Unreachable(`what answers at ${serverName(this.server)} is no Hark engine (HTTP status ${status})`)
    }
    const { data, errors = [] } = body
    if (errors.length === 0) return data as Data
    if (data == null || !errors.every(isKeptBack)) throw new ServerError(errors)
    note(`Not shown: ${[...new Set(errors.map(({ message }) => message))].join('; ')}`)
    return data as Data
  }

  async #post(
    payload: object,
    { patienceMs = PATIENCE_MS, signal }: RequestOptions,
  ): Promise<{ status: number; body: unknown }> {
    const patience = AbortSignal.timeout(patienceMs)
    try {
      const response = await fetch(this.endpoint, {
        method: 'POST',
        headers: {
          accept: 'application/json',
          'content-type': 'application/json',
          // What the engine knows the command line by.
          'user-agent': `hark/${about.version}`,
          ...(this.token && { authorization: `Bearer ${this.token}` }),
        },
        body: JSON.stringify(payload),
        signal: signal === undefined ? patience : AbortSignal.any([patience, signal]),
      })
      const text = await response.text()
      return { status: response.status, body: parsed(text) }
    } catch (error) {
      if ((error as Error).name === 'TimeoutError') {
        throw new Unreachable(`no answer from ${serverName(this.server)} within ${patienceMs / 1000} s`)
      }
      throw distrust(this.server, error) ?? noAnswer(this.server, error)
    }
  }
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
