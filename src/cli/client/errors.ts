import { formatIssue } from '../../../schemas/validation.ts'
import { CliError, EXIT } from '../errors.ts'

/** An error as GraphQL gives it, with what Hark adds. */
export interface ApiError {
  readonly message: string
  readonly path?: readonly (string | number)[]
  readonly extensions?: {
    readonly code?: string
    readonly fields?: readonly { readonly path: string; readonly message: string }[]
    /** What of a batch was done all the same. */
    readonly results?: readonly object[]
    readonly alsoFailed?: readonly string[]
    /** Which limit was run into, and how long to wait where it is one of how often. */
    readonly limit?: string
    readonly retryAfterSeconds?: number
  }
}

const linesOf = ({ message, extensions = {} }: ApiError): readonly string[] => {
  const { code, fields = [], alsoFailed = [] } = extensions
  if (code === 'UNAUTHENTICATED') return [`${message}: HARK_TOKEN is to hold a token that the engine knows`]
  return [...(fields.length === 0 ? [message] : fields.map(formatIssue)), ...alsoFailed]
}

/** What an engine says that is busy or going down. */
const PASSING_CODES = ['UNAVAILABLE', 'INTERNAL_SERVER_ERROR']

/** The engine answered, and refused. */
export class ServerError extends CliError {
  readonly errors: readonly ApiError[]

  constructor(errors: readonly ApiError[]) {
    super(errors.flatMap(linesOf))
    this.errors = errors
  }

  /** The engine is busy, or going down: the same may be asked again. A limit on how many stays what it is. */
  get isPassing(): boolean {
    return this.errors.every(
      ({ extensions: { code = '', limit, retryAfterSeconds } = {} }) =>
        retryAfterSeconds !== undefined || (limit === undefined && PASSING_CODES.includes(code)),
    )
  }

  get retryAfterMs(): number {
    return Math.max(0, ...this.errors.map(({ extensions }) => 1000 * (extensions?.retryAfterSeconds ?? 0)))
  }
}

export class Unreachable extends CliError {
  constructor(line: string, cause?: unknown) {
    super(line, EXIT.unreachable, cause)
  }
}

/** `fetch` says no more than that it failed; what failed is in its cause, and the cause of that. */
const rootOf = (error: unknown): NodeJS.ErrnoException => {
  const { cause } = error as Error
  return cause instanceof Error ? rootOf(cause) : (error as NodeJS.ErrnoException)
}

export const noAnswer = (server: URL, error: unknown): Unreachable => {
  const { code, message } = rootOf(error)
  const what = `no Hark engine answers at ${serverName(server)}`
  if (code === 'ECONNREFUSED')
    return new Unreachable(`${what}: start one with "hark serve" (in a checkout: npm start)`, error)
  if (message === 'bad port')
    return new Unreachable(`${what}: no client of HTTP asks port ${server.port}: have it serve on another one`, error)
  return new Unreachable(`${what}: ${message || code || 'the request failed'}`, error)
}

/** Where the engine shows a certificate that is not taken here; undefined for whatever else went wrong. */
export const distrust = (server: URL, error: unknown): Unreachable | undefined => {
  const { code = '', message = '' } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException
  if (!/CERT|SIGNATURE/.test(code)) return undefined
  return new Unreachable(
    `${serverName(server)} shows a certificate that is not trusted: ${message}; NODE_EXTRA_CA_CERTS takes the file of an authority`,
    error,
  )
}

/** The address as people write it, without a password that may stand in it. */
export const serverName = ({ protocol, host, pathname }: URL): string =>
  `${protocol}//${host}${pathname.replace(/\/$/, '')}`
