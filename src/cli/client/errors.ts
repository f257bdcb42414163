import { formatIssue } from '../../../schemas/validation.ts'
import { CliError, EXIT, serverLine } from '../errors.ts'

export interface ApiError {
  readonly message: string
  readonly path?: readonly (string | number)[]
  readonly extensions?: {
    readonly code?: string
    readonly fields?: readonly { readonly path: string; readonly message: string }[]
    readonly results?: readonly object[]
    readonly alsoFailed?: readonly string[]
    readonly limit?: string
    readonly retryAfterSeconds?: number
  }
}

const REASONS: Readonly<Record<string, string>> = {
  BAD_USER_INPUT: 'BadRequest',
  NOT_FOUND: 'NotFound',
  ALREADY_EXISTS: 'AlreadyExists',
  CONFLICT: 'Conflict',
  UNAUTHENTICATED: 'Unauthorized',
  FORBIDDEN: 'Forbidden',
  UNAVAILABLE: 'ServiceUnavailable',
  INTERNAL_SERVER_ERROR: 'InternalError',
}

const reasonOf = ({ code = '', retryAfterSeconds }: NonNullable<ApiError['extensions']>): string | undefined =>
  retryAfterSeconds === undefined ? REASONS[code] : 'TooManyRequests'

/** Faults of fields begin with their place. */
const linesOf = ({ message, extensions = {} }: ApiError): readonly string[] => {
  const { code, fields = [], alsoFailed = [] } = extensions
  const reason = reasonOf(extensions)
  const text = code === 'UNAUTHENTICATED' ? `${message}: set HARK_TOKEN to a valid token` : message
  const own = reason === undefined ? text : serverLine(reason, text)
  return [...(fields.length === 0 ? [own] : fields.map(formatIssue)), ...alsoFailed]
}

const PASSING_CODES = ['UNAVAILABLE', 'INTERNAL_SERVER_ERROR']

export class ServerError extends CliError {
  readonly errors: readonly ApiError[]

  constructor(errors: readonly ApiError[]) {
    super(errors.flatMap(linesOf))
    this.errors = errors
  }

  get isPassing(): boolean {
    return this.errors.every(
      ({ extensions: { code = '', limit, retryAfterSeconds } = {} }) =>
        retryAfterSeconds !== undefined || (limit === undefined && PASSING_CODES.includes(code)),
    )
  }

  get isForbidden(): boolean {
    return this.errors.every(({ extensions }) => extensions?.code === 'FORBIDDEN')
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

export const noAnswer = (server: URL, error: unknown): Unreachable => {
  const { code, message } = error as NodeJS.ErrnoException
  const what = `no Hark engine responds at ${serverName(server)}`
  if (code === 'ECONNREFUSED')
    return new Unreachable(`${what}: start one with "hark serve" (in a checkout: npm start)`, error)
  return new Unreachable(`${what}: ${message || code || 'the request failed'}`, error)
}

/** Returns undefined unless the certificate is untrusted. */
export const distrust = (server: URL, error: unknown): Unreachable | undefined => {
  const { code = '', message = '' } = error as NodeJS.ErrnoException
  if (!/CERT|SIGNATURE/.test(code)) return undefined
  return new Unreachable(
    `the certificate of ${serverName(server)} is not trusted: ${message}; set NODE_EXTRA_CA_CERTS to the file of its authority`,
    error,
  )
}

export const serverName = ({ protocol, host, pathname }: URL): string =>
  `${protocol}//${host}${pathname.replace(/\/$/, '')}`
