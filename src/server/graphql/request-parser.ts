import { badUserInput } from '../../../schemas/errors.ts'
import { type Issue, mismatch } from '../../../schemas/validation.ts'

export interface OperationRequest {
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined
  readonly operationName?: string | null | undefined
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** @throws BAD_USER_INPUT */
export const parseBody = (body: unknown): OperationRequest => {
  if (!isObject(body)) {
    throw badUserInput([
      { path: '', message: mismatch(body, 'a request: an object with query and variables', 'object') },
    ])
  }
  const { query, variables, operationName } = body
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

/** @throws BAD_USER_INPUT */
export const parseQueryString = (parameters: unknown): OperationRequest => {
  const { variables, ...rest } = parameters as Record<string, unknown>
  return parseBody({ ...rest, variables: typeof variables === 'string' ? parseVariables(variables) : variables })
}

const parseVariables = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw badUserInput([{ path: 'variables', message: `is not JSON: ${(error as Error).message}` }])
  }
}
