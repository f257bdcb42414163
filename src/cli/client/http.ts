import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http'

/** An import of the module would load `fetch` too, which takes longer than most commands run. */
const { request: plain } = process.getBuiltinModule('node:http')

interface HttpAnswer {
  readonly status: number
  readonly text: string
}

interface HttpRequest {
  readonly method?: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal: AbortSignal
  /** Accepts any certificate. */
  readonly isLocal?: boolean
}

interface TlsOptions {
  readonly rejectUnauthorized: boolean
}

const requestOf = async ({ protocol }: URL): Promise<typeof plain> =>
  protocol === 'https:' ? (await import('node:https')).request : plain

const textOf = async (response: IncomingMessage): Promise<string> => {
  let text = ''
  response.setEncoding('utf8')
  for await (const chunk of response) text += chunk
  return text
}

export const exchange = async (
  url: URL,
  { method = 'GET', headers = {}, body, signal, isLocal = false }: HttpRequest,
): Promise<HttpAnswer> => {
  const send = await requestOf(url)
  const options: RequestOptions & TlsOptions = { method, headers, signal, rejectUnauthorized: !isLocal }
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const request: ClientRequest = send(url, options, resolve)
  request.on('error', reject)
  request.end(body)
  const response = await promise
  return { status: response.statusCode ?? 0, text: await textOf(response) }
}
