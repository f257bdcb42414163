import { badUserInput } from '../../../schemas/errors.ts'
import { type Issue, mismatch } from '../../../schemas/validation.ts'

/** What a client sends, by whatever transport. */
export interface OperationRequest {
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined
  readonly operationName?: string | null | undefined
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The operation in the body of a request. One is one: a list of them, as some clients send it, is refused. */
export const fromBody = (body: unknown): OperationRequest => {
  if (!isObject(body)) {
    throw badUserInput([
      { path: '', message: mismatch(body, 'a request: an object with query and variables', 'object') },
    ])
  }
  const { query, variables, operationName } = body
  const faults: Issue[] = []
  if (typeof query !== 'string')
    faults.push({ path: 'query', message: mismatch(query, 'a GraphQL document', 'string') })
  if (variables != null && !isObject(variables))
    faults.push({ path: 'variables', message: mismatch(variables, 'an object', 'object') })
  if (operationName != null && typeof operationName !== 'string')
    faults.push({ path: 'operationName', message: mismatch(operationName, 'the name of an operation', 'string') })
  if (faults.length > 0) throw badUserInput(faults)
  return body as unknown as OperationRequest
}

/** The operation in the parameters of a URL, whose variables are a JSON text. */
export const fromUrl = (parameters: unknown): OperationRequest => {
  const { variables, ...rest } = parameters as Record<string, unknown>
  return fromBody({ ...rest, variables: typeof variables === 'string' ? fromJson(variables) : variables })
}

const fromJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw badUserInput([{ path: 'variables', message: `is no JSON: ${(error as Error).message}` }])
  }
}
