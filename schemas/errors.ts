import { formatIssue, type Issue } from './validation.ts'

export const ERROR_CODES = [
  'BAD_USER_INPUT',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'CONFLICT',
  'IMMUTABLE_FIELD',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'UNAVAILABLE',
  'PERSISTED_QUERY_NOT_SUPPORTED',
] as const
export type ErrorCode = (typeof ERROR_CODES)[number]

/** Callers can act on it; its message contains no internals. */
export class HarkError extends Error {
  override readonly name: string = 'HarkError'
  readonly code: ErrorCode
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message)
    this.code = code
    this.details = details
  }
}

export const badUserInput = (issues: readonly Issue[]): HarkError =>
  new HarkError('BAD_USER_INPUT', issues.map(formatIssue).join('; '), { fields: issues })

export const notFound = (kind: string, namespace: string, name: string): HarkError =>
  new HarkError('NOT_FOUND', `${kind} ${name} not found in namespace ${namespace}`)

export const alreadyExists = (message: string): HarkError => new HarkError('ALREADY_EXISTS', message)

interface EndpointHolder {
  readonly kind: string
  readonly name: string
}

export const endpointTaken = (namespace: string, host: string, port: number, holder: EndpointHolder): HarkError => {
  const by = `${holder.kind.toLowerCase()} ${holder.name}`
  return alreadyExists(`host ${host} and port ${port} are taken in namespace ${namespace}, by ${by}`)
}

export const conflict = (kind: string, name: string, currentResourceVersion: string | null): HarkError =>
  new HarkError('CONFLICT', `${kind} ${name} has changed: its resourceVersion is ${currentResourceVersion ?? 'none'}`, {
    currentResourceVersion,
  })

export const commandIdReused = (commandId: string): HarkError =>
  new HarkError('CONFLICT', `commandId: ${JSON.stringify(commandId)} is the id of another command: give each its own`)

export const immutableField = (issues: readonly Issue[]): HarkError =>
  new HarkError(
    'IMMUTABLE_FIELD',
    `${issues.map(({ path }) => path).join(', ')} cannot be changed: delete and create again`,
    { fields: issues },
  )

export const unavailable = (message: string): HarkError => new HarkError('UNAVAILABLE', message)
