import { GraphQLError } from 'graphql'
import { type ErrorCode, HarkError } from '../../../schemas/errors.ts'
import type { Issue } from '../../../schemas/validation.ts'
import type { LimitName } from '../../config/limits.ts'
import type { Logger } from '../../lib/logger.ts'
import { inputPath } from './error-path.ts'

/** Messages quote input of any length. */
const MAX_MESSAGE_LENGTH = 1000

type ContractCode = ErrorCode | 'INTERNAL_SERVER_ERROR'

const truncate = (message: string): string =>
  message.length <= MAX_MESSAGE_LENGTH ? message : `${message.slice(0, MAX_MESSAGE_LENGTH)}…`

const causeOf = (error: unknown): unknown =>
  error instanceof GraphQLError && error.originalError !== undefined ? causeOf(error.originalError) : error

const toIssue = (error: GraphQLError): Issue => ({
  path: inputPath(error),
  message: truncate(error.originalError?.message ?? error.message),
})

export const codeOf = (error: unknown): ContractCode => {
  const cause = causeOf(error)
  if (cause instanceof HarkError) return cause.code
  return cause instanceof GraphQLError ? 'BAD_USER_INPUT' : 'INTERNAL_SERVER_ERROR'
}

const extensionsOf = (error: unknown): Record<string, unknown> => {
  const code = codeOf(error)
  const cause = causeOf(error)
  if (cause instanceof HarkError) return { code, ...cause.details }
  return error instanceof GraphQLError && code === 'BAD_USER_INPUT' ? { code, fields: [toIssue(error)] } : { code }
}

const masked = new WeakSet<GraphQLError>()

interface LoggedRequest {
  readonly requestId: string
  readonly traceId?: string
}

/** Logs an unexpected error; the client receives only the request id. */
export const maskError = (error: unknown, request: LoggedRequest, logger: Logger): GraphQLError => {
  if (masked.has(error as GraphQLError)) return error as GraphQLError
  const extensions = extensionsOf(error)
  const isUnexpected = extensions.code === 'INTERNAL_SERVER_ERROR'
  if (isUnexpected) logger.error({ ...request, error: causeOf(error) }, 'a request failed unexpectedly')
  const message = isUnexpected
    ? `Internal error: see the log for request ${request.requestId}`
    : (error as Error).message
  const { nodes = null, source = null, positions = null, path = null } = error instanceof GraphQLError ? error : {}
  const result = new GraphQLError(truncate(message), { nodes, source, positions, path, extensions })
  masked.add(result)
  return result
}

export const httpError = (error: Error | string, status: number, headers: Record<string, string> = {}): GraphQLError =>
  new GraphQLError(typeof error === 'string' ? error : error.message, {
    ...(error instanceof Error && { originalError: error }),
    extensions: { http: { status, headers, spec: false } },
  })

export const errorBody = (code: ContractCode, message: string, limit?: LimitName): string => {
  const fields = code === 'BAD_USER_INPUT' && { fields: [{ path: '', message }] satisfies Issue[] }
  return JSON.stringify({ errors: [{ message, extensions: { code, ...fields, limit } }] })
}
