import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { type ErrorCode, HarkError } from '../../../schemas/errors.ts'
import type { Logger } from '../../lib/logger.ts'
import { errorBody, maskError } from '../graphql/mask-error.ts'
import type { EnforcedLimits } from '../limits.ts'
import { EVENT_STREAM_PATH, GRAPHQL_PATH } from '../services.ts'
import type { Metrics } from './metrics.ts'
import { UnreadableBody } from './request-body.ts'

const sendBody = (reply: FastifyReply, status: number, body: string): FastifyReply =>
  reply.code(status).header('content-type', 'application/json; charset=utf-8').send(body)

const formatBytes = (bytes: number): string => (bytes % 1024 ** 2 === 0 ? `${bytes / 1024 ** 2} MB` : `${bytes} bytes`)

const messageOf = (error: FastifyError, request: FastifyRequest, maxBytes: number): string => {
  switch (error.statusCode) {
    case 413:
      return `the request is too large: the limit is ${formatBytes(maxBytes)}`
    case 415:
      if (error instanceof UnreadableBody) return error.message
      return `unsupported content type ${request.headers['content-type'] ?? '(none)'}: send application/json`
    default:
      return error.message
  }
}

const STATUS: Partial<Record<ErrorCode, number>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  UNAVAILABLE: 503,
  PERSISTED_QUERY_NOT_SUPPORTED: 200,
}

const ALLOWED_METHODS: Readonly<Record<string, string>> = {
  [GRAPHQL_PATH]: 'GET, POST',
  [EVENT_STREAM_PATH]: 'GET, POST, PUT, DELETE',
}

const sendGateError = (reply: FastifyReply, error: HarkError, body: string): FastifyReply => {
  const { retryAfterSeconds } = error.details
  if (error.code === 'UNAUTHENTICATED') reply.header('www-authenticate', 'Bearer realm="hark"')
  if (retryAfterSeconds === undefined) return sendBody(reply, STATUS[error.code] ?? 400, body)
  return sendBody(reply.header('retry-after', String(retryAfterSeconds)), 429, body)
}

const isRequestError = (error: FastifyError): boolean =>
  error.code?.startsWith('FST_') || error instanceof SyntaxError || error instanceof UnreadableBody

interface ErrorHandlersOptions {
  readonly logger: Logger
  readonly limits: EnforcedLimits
  readonly metrics: Metrics
  readonly headers: Readonly<Record<string, string>>
}

export const createErrorHandlers = ({ logger, limits, metrics, headers }: ErrorHandlersOptions) => ({
  onError: (error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const statusCode = isRequestError(error) ? (error.statusCode ?? 500) : 500
    const limit = statusCode === 413 ? 'requestBytes' : undefined
    if (limit !== undefined) limits.hit(limit)
    // Hooks have not run for a URL that cannot be decoded.
    reply.headers(headers).header('x-request-id', request.id)
    if (error instanceof HarkError && error.code === 'UNAUTHENTICATED') metrics.countRejectedToken()
    if (statusCode >= 400 && statusCode < 500) {
      const message = messageOf(error, request, limits.requestBytes)
      return sendBody(reply, statusCode, errorBody('BAD_USER_INPUT', message, limit))
    }
    const body = JSON.stringify({ errors: [maskError(error, { requestId: request.id }, logger)] })
    return error instanceof HarkError ? sendGateError(reply, error, body) : sendBody(reply, 500, body)
  },

  onNotFound: (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const { method, url } = request
    const allowed = ALLOWED_METHODS[url.split('?')[0]!]
    if (allowed === undefined)
      return sendBody(reply, 404, errorBody('NOT_FOUND', `no such path: ${url} (GraphQL is at ${GRAPHQL_PATH})`))
    reply.header('allow', allowed)
    return sendBody(reply, 405, errorBody('BAD_USER_INPUT', `the method ${method} is not allowed: use POST`))
  },
})
