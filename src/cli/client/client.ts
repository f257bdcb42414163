import { setTimeout as sleep } from 'node:timers/promises'
import about from '../../../package.json' with { type: 'json' }
import { CliError } from '../errors.ts'
import { io } from '../io.ts'
import type { ServerOption } from '../options.ts'
import { note } from '../output/print.ts'
import { type ApiError, distrust, noAnswer, ServerError, serverName, Unreachable } from './errors.ts'
import { exchange } from './http.ts'

const TIMEOUT_MS = 30_000
const NEVER = new AbortController().signal

export interface Operation<Data = unknown, Variables = object> {
  readonly query: string
  readonly types?: { readonly data: Data; readonly variables: Variables }
}

export interface Request {
  readonly query: string
  readonly variables: object
}

export interface RequestOptions {
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

interface Result {
  readonly data?: unknown
  readonly errors?: readonly ApiError[]
}

const isHidden = ({ path = [], extensions }: ApiError): boolean => extensions?.code === 'FORBIDDEN' && path.length > 1

const isError = (error: { readonly message?: unknown } | null): boolean => typeof error?.message === 'string'

const isResult = (body: unknown): body is Result => {
  const { data, errors } = (body ?? {}) as { readonly data?: unknown; readonly errors?: unknown }
  if (errors !== undefined) return Array.isArray(errors) && errors.length > 0 && errors.every(isError)
  return typeof data === 'object' && data !== null
}

export interface Answer {
  readonly status: number
  readonly body: unknown
}

export type Transport = (request: Request, client: Client, options: Required<RequestOptions>) => Promise<Answer>

export const overHttp: Transport = async (request, { server, endpoint, token }, { timeoutMs, signal }) => {
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    const { status, text } = await exchange(endpoint, {
      method: 'POST',
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        // The engine derives `via` in its events from it.
        'user-agent': `hark/${about.version}`,
        ...(token && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(request),
      signal: AbortSignal.any([timeout, signal]),
    })
    return { status, body: parsed(text) }
  } catch (error) {
    if (timeout.aborted) {
      throw new Unreachable(`no response from ${serverName(server)} within ${timeoutMs / 1000} s`)
    }
    if ((error as NodeJS.ErrnoException).code === 'ERR_INVALID_CHAR')
      throw new CliError('the token has characters that no token has: set HARK_TOKEN, or that of the context, again')
    throw distrust(server, error) ?? noAnswer(server, error)
  }
}

export class Client {
  readonly server: URL
  readonly token: string | undefined
  readonly #transport: Transport

  constructor(server: URL, token: string | undefined = io().env.HARK_TOKEN || undefined, transport = overHttp) {
    this.server = server
    this.token = token
    this.#transport = transport
  }

  get endpoint(): URL {
    return this.urlOf('/graphql')
  }

  /** The engine may be served below a path. */
  urlOf(path: string): URL {
    const url = new URL(this.server)
    url.pathname = `${url.pathname.replace(/\/$/, '')}${path}`
    return url
  }

  /**
   * A request above a limit of the engine was not executed, and is sent again when the engine permits.
   *
   * @throws Unreachable if no response arrives in time, or a program other than Hark responds
   * @throws ServerError if the engine responds with errors
   */
  async request<Data, Variables extends object>(
    operation: Operation<Data, Variables>,
    variables: Variables,
    { timeoutMs = TIMEOUT_MS, signal = NEVER }: RequestOptions = {},
  ): Promise<Data> {
    const end = performance.now() + timeoutMs
    for (;;) {
      try {
        return await this.#requestOnce(operation, variables, { timeoutMs, signal })
      } catch (error) {
        const waitMs = error instanceof ServerError ? error.retryAfterMs : 0
        if (waitMs === 0 || performance.now() + waitMs > end || signal.aborted) throw error
        await sleep(waitMs, undefined, { signal })
      }
    }
  }

  async #requestOnce<Data, Variables extends object>(
    { query }: Operation<Data, Variables>,
    variables: Variables,
    { timeoutMs, signal }: Required<RequestOptions>,
  ): Promise<Data> {
    const { status, body } = await this.#transport({ query, variables }, this, { timeoutMs, signal })
    if (!isResult(body)) {
      throw new Unreachable(`${serverName(this.server)} is not a Hark engine (HTTP status ${status})`)
    }
    const { data, errors = [] } = body
    if (errors.length === 0) return data as Data
    if (data == null || !errors.every(isHidden)) throw new ServerError(errors)
    note(`Not shown: ${[...new Set(errors.map(({ message }) => message))].join('; ')}`)
    return data as Data
  }
}

/** HARK_TOKEN comes before the token of a context. */
export const tokenOf = ({ token }: Pick<ServerOption, 'token'>): string | undefined => io().env.HARK_TOKEN || token

export const clientOf = (options: ServerOption): Client => new Client(options.server, tokenOf(options))

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
