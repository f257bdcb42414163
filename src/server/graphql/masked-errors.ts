import { GraphQLError } from 'graphql'
import { type ErrorCode, HarkError } from '../../../schemas/errors.ts'
import type { LimitName } from '../../../schemas/limits.ts'
import type { Issue } from '../../../schemas/validation.ts'
import type { Logger } from '../../lib/logger.ts'
import { inputPath } from './error-path.ts'

/** Messages quote what was sent, however long that was. */
const LONGEST_MESSAGE = 1000

export type ContractCode = ErrorCode | 'INTERNAL_SERVER_ERROR'

const shortened = (message: string): string =>
  message.length <= LONGEST_MESSAGE ? message : `${message.slice(0, LONGEST_MESSAGE)}…`

const causeOf = (error: unknown): unknown =>
  error instanceof GraphQLError && error.originalError !== undefined ? causeOf(error.originalError) : error

/** What GraphQL refuses by itself: syntax, names that the schema does not have, values of the wrong type. */
const faultOf = (error: GraphQLError): Issue => ({
  path: inputPath(error),
  message: shortened(error.originalError?.message ?? error.message),
})

/** The code that the contract has for an error. */
export const codeOf = (error: unknown): ContractCode => {
  const cause = causeOf(error)
  if (cause instanceof HarkError) return cause.code
  return cause instanceof GraphQLError ? 'BAD_USER_INPUT' : 'INTERNAL_SERVER_ERROR'
}

const extensionsOf = (error: unknown): Record<string, unknown> => {
  const code = codeOf(error)
  const cause = causeOf(error)
  if (cause instanceof HarkError) return { code, ...cause.details }
  return error instanceof GraphQLError && code === 'BAD_USER_INPUT' ? { code, fields: [faultOf(error)] } : { code }
}

/**
 * An error as the contract has it. What nobody foresaw tells its reader nothing but the id under which it is logged.
 *
 * @param requestId of the request or operation that failed
 */
export const contractError = (error: unknown, requestId: string, logger: Logger): GraphQLError => {
  const extensions = extensionsOf(error)
  const isUnforeseen = extensions.code === 'INTERNAL_SERVER_ERROR'
  if (isUnforeseen) logger.error({ requestId, error: causeOf(error) }, 'a request failed in a way that nobody foresaw')
  const message = isUnforeseen ? `Internal error: see the log for request ${requestId}` : (error as Error).message
  if (!(error instanceof GraphQLError)) return new GraphQLError(shortened(message), { extensions })
  const { nodes = null, source = null, positions = null, path = null } = error
  return new GraphQLError(shortened(message), { nodes, source, positions, path, extensions })
}

/**
 * A refusal before there is any operation, as the body of an answer.
 *
 * @param limit that was run into
 */
export const refusalBody = (code: ContractCode, message: string, limit?: LimitName): string => {
  const fields = code === 'BAD_USER_INPUT' && { fields: [{ path: '', message }] satisfies Issue[] }
  return JSON.stringify({ errors: [{ message, extensions: { code, ...fields, limit } }] })
}
