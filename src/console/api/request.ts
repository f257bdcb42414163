import { setClockBy } from '../time/clock.ts'
import type { Operation } from './operation.ts'
import { rejectToken, token } from './session.ts'

export class ApiError extends Error {
  readonly code: string

  /** @param code an error code of the API, or `UNREACHABLE` without a response */
  constructor(message: string, code: string) {
    super(message)
    this.code = code
  }
}

interface BodyError {
  readonly message: string
  readonly path?: readonly (string | number)[]
  readonly extensions?: { readonly code?: string }
}

interface Body {
  readonly data?: unknown
  readonly errors?: readonly BodyError[]
}

/** An event is shown without its badge while the history is made, or where it may not be read. */
const isOptional = ({ path }: BodyError): boolean => path?.at(-1) === 'newStatus'

const send = async (
  query: string,
  variables: object,
  bearer: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Body> => {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: {
      accept: 'application/json',
      'content-type': 'application/json',
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
    },
    body: JSON.stringify({ query, variables }),
    ...(signal && { signal }),
  }).catch(error => {
    throw signal?.aborted ? error : new ApiError('The engine does not respond', 'UNREACHABLE')
  })
  setClockBy(response.headers.get('date'))
  return response.json().catch(error => {
    // A proxy answers with a page.
    throw signal?.aborted ? error : new ApiError(`Unexpected response: HTTP ${response.status}`, 'UNREACHABLE')
  })
}

/** @throws ApiError for the first error of the response, unless it is one of an optional field */
export const request = async <Data, Variables extends object>(
  { query }: Operation<Data, Variables>,
  variables: Variables,
  signal?: AbortSignal,
): Promise<Data> => {
  const bearer = token.value
  const { data, errors } = await send(query, variables, bearer, signal)
  const error = errors?.find(error => !isOptional(error))
  if (error === undefined) return data as Data
  const code = error.extensions?.code ?? 'INTERNAL'
  if (code === 'UNAUTHENTICATED') rejectToken(bearer)
  throw new ApiError(error.message, code)
}
