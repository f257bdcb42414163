import { formatIssue, type Issue } from './validation.ts'

/** The codes of the public contract that a command or query can end with. */
export type ErrorCode =
  | 'BAD_USER_INPUT'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'CONFLICT'
  | 'IMMUTABLE_FIELD'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'UNAVAILABLE'

/** What a caller did wrong, or must know: its message is meant for people and names no inner detail. */
export class HarkError extends Error {
  override readonly name: string = 'HarkError'
  readonly code: ErrorCode
  /** What the contract adds to this code in `extensions`. */
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message)
    this.code = code
    this.details = details
  }
}

export const badUserInput = (faults: readonly Issue[]): HarkError => {
  return new HarkError('BAD_USER_INPUT', faults.map(formatIssue).join('; '), { fields: faults })
}

export const notFound = (kind: string, namespace: string, name: string): HarkError =>
  new HarkError('NOT_FOUND', `${kind} ${name} not found in namespace ${namespace}`)

export const alreadyExists = (message: string): HarkError => new HarkError('ALREADY_EXISTS', message)

/** Two listeners of one namespace do not share a host and port. */
export const endpointTaken = (namespace: string, host: string, port: number, holder: string): HarkError =>
  alreadyExists(`host ${host} and port ${port} are taken in namespace ${namespace}, by listener ${holder}`)

export const conflict = (kind: string, name: string, currentResourceVersion: string | null): HarkError =>
  new HarkError('CONFLICT', `${kind} ${name} has changed: its resourceVersion is ${currentResourceVersion ?? 'none'}`, {
    currentResourceVersion,
  })

/** An id stands for one command for good; another one that bears it is neither done nor answered. */
export const commandIdReused = (commandId: string): HarkError =>
  new HarkError('CONFLICT', `commandId: ${JSON.stringify(commandId)} is the id of another command: give each its own`)

export const immutableField = (faults: readonly Issue[]): HarkError =>
  new HarkError(
    'IMMUTABLE_FIELD',
    `${faults.map(fault => fault.path).join(', ')} cannot be changed: delete and create again`,
    {
      fields: faults,
    },
  )

export const unavailable = (message: string): HarkError => new HarkError('UNAVAILABLE', message)
