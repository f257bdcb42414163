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

interface Body {
  readonly data?: unknown
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[]
}

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

/** @throws ApiError for the first error of the response */
export const request = async <Data, Variables extends object>(
  { query }: Operation<Data, Variables>,
  variables: Variables,
  signal?: AbortSignal,
): Promise<Data> => {
  const bearer = token.value
  const { data, errors } = await send(query, variables, bearer, signal)
  const [error] = errors ?? []
  if (error === undefined) return data as Data
  const code = error.extensions?.code ?? 'INTERNAL'
  if (code === 'UNAUTHENTICATED') rejectToken(bearer)
  throw new ApiError(error.message, code)
}
