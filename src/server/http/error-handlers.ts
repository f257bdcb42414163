import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { type ErrorCode, HarkError } from '../../../schemas/errors.ts'
import type { Logger } from '../../lib/logger.ts'
import type { EnforcedLimits } from '../enforced-limits.ts'
import { GRAPHQL_PATH } from '../graphql/http-handler.ts'
import { contractError, refusalBody } from '../graphql/masked-errors.ts'
import type { Metrics } from './metrics.ts'
import { UnreadableBody } from './request-body.ts'

const sendBody = (reply: FastifyReply, status: number, body: string): FastifyReply =>
  reply.code(status).header('content-type', 'application/json; charset=utf-8').send(body)

const megabytes = (bytes: number): string => (bytes % 1024 ** 2 === 0 ? `${bytes / 1024 ** 2} MB` : `${bytes} bytes`)

/** What the HTTP server itself refuses, in words that say what would do. */
const messageOf = (error: FastifyError, request: FastifyRequest, maxBytes: number): string => {
  switch (error.statusCode) {
    case 413:
      return `The request is too large: ${megabytes(maxBytes)} is the most`
    case 415:
      if (error instanceof UnreadableBody) return error.message
      return `The content type ${request.headers['content-type'] ?? 'is missing'}: send application/json`
    default:
      return error.message
  }
}

const STATUS: Partial<Record<ErrorCode, number>> = { UNAUTHENTICATED: 401, FORBIDDEN: 403, UNAVAILABLE: 503 }

/** What the door refuses says so to HTTP as well. */
const sendRefusal = (reply: FastifyReply, error: HarkError, body: string): FastifyReply => {
  const { retryAfterSeconds } = error.details
  if (error.code === 'UNAUTHENTICATED') reply.header('www-authenticate', 'Bearer realm="hark"')
  if (retryAfterSeconds === undefined) return sendBody(reply, STATUS[error.code] ?? 400, body)
  return sendBody(reply.header('retry-after', String(retryAfterSeconds)), 429, body)
}

/** What the HTTP server, or its parser of JSON, has to say of a request; others may have a status as well. */
const isOfRequest = (error: FastifyError): boolean =>
  error.code?.startsWith('FST_') || error instanceof SyntaxError || error instanceof UnreadableBody

export interface RefusalsOptions {
  readonly logger: Logger
  readonly limits: EnforcedLimits
  readonly metrics: Metrics
  /** For every answer. */
  readonly headers: Readonly<Record<string, string>>
}

/** Every refusal has the form of a GraphQL error, whatever it is that was refused. */
export const createRefusals = ({ logger, limits, metrics, headers }: RefusalsOptions) => ({
  error: (error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const statusCode = isOfRequest(error) ? (error.statusCode ?? 500) : 500
    const limit = statusCode === 413 ? 'requestBytes' : undefined
    if (limit !== undefined) limits.hit(limit)
    // A URL that cannot be read is refused before anything else sees it.
    reply.headers(headers).header('x-request-id', request.id)
    if (error instanceof HarkError && error.code === 'UNAUTHENTICATED') metrics.countRefusedToken()
    if (statusCode >= 400 && statusCode < 500)
      return sendBody(
        reply,
        statusCode,
        refusalBody('BAD_USER_INPUT', messageOf(error, request, limits.requestBytes), limit),
      )
    const body = JSON.stringify({ errors: [contractError(error, request.id, logger)] })
    return error instanceof HarkError ? sendRefusal(reply, error, body) : sendBody(reply, 500, body)
  },

  notFound: (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const { method, url } = request
    if (url.split('?')[0] !== GRAPHQL_PATH)
      return sendBody(reply, 404, refusalBody('NOT_FOUND', `There is nothing at ${url}: GraphQL is at ${GRAPHQL_PATH}`))
    reply.header('allow', 'GET, POST')
    return sendBody(reply, 405, refusalBody('BAD_USER_INPUT', `${method} is no way to ask GraphQL: use POST`))
  },
})
