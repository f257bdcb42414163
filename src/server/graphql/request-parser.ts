import { badUserInput, HarkError } from '../../../schemas/errors.ts'
import { type Issue, mismatch } from '../../../schemas/validation.ts'

export interface OperationRequest {
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined
  readonly operationName?: string | null | undefined
  /** Only over WebSockets. */
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Clients look for this message, and then send the text of the query. */
const persistedQueryNotSupported = (): HarkError =>
  new HarkError('PERSISTED_QUERY_NOT_SUPPORTED', 'PersistedQueryNotSupported')

/** @throws BAD_USER_INPUT, or PERSISTED_QUERY_NOT_SUPPORTED for the hash of a query without its text */
export const parseBody = (body: unknown): OperationRequest => {
  if (!isObject(body)) {
    throw badUserInput([
      { path: '', message: mismatch(body, 'a request: an object with query and variables', 'object') },
    ])
  }
  const { query, variables, operationName, extensions } = body
  if (query === undefined && isObject(extensions) && isObject(extensions.persistedQuery))
    throw persistedQueryNotSupported()
  const issues: Issue[] = []
  if (typeof query !== 'string')
    issues.push({ path: 'query', message: mismatch(query, 'a GraphQL document', 'string') })
  if (variables != null && !isObject(variables))
    issues.push({ path: 'variables', message: mismatch(variables, 'an object', 'object') })
  if (operationName != null && typeof operationName !== 'string')
    issues.push({ path: 'operationName', message: mismatch(operationName, 'the name of an operation', 'string') })
  if (issues.length > 0) throw badUserInput(issues)
  return { query, variables, operationName } as OperationRequest
}

export const parseQueryString = (parameters: unknown): OperationRequest => {
  const { variables, extensions, ...rest } = parameters as Record<string, unknown>
  return parseBody({
    ...rest,
    variables: parseJson('variables', variables),
    ...(rest.query === undefined && { extensions: parseJson('extensions', extensions) }),
  })
}

const parseJson = (path: string, value: unknown): unknown => {
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value)
  } catch (error) {
    throw badUserInput([{ path, message: `is not JSON: ${(error as Error).message}` }])
  }
}
