import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { type ErrorCode, HarkError } from '../../schemas/errors.ts'
import type { Logger } from '../engine/logger.ts'
import { contractError, refusalBody } from './contract-errors.ts'
import type { EnforcedLimits } from './enforced-limits.ts'
import { GRAPHQL_PATH } from './http-endpoint.ts'
import type { Metrics } from './metrics.ts'

const send = (reply: FastifyReply, status: number, body: string): FastifyReply =>
  reply.code(status).header('content-type', 'application/json; charset=utf-8').send(body)

const megabytes = (bytes: number): string => (bytes % 1024 ** 2 === 0 ? `${bytes / 1024 ** 2} MB` : `${bytes} bytes`)

/** What the HTTP server itself refuses, in words that say what would do. */
const messageOf = (error: FastifyError, request: FastifyRequest, maxBytes: number): string => {
  switch (error.statusCode) {
    case 413:
      return `The request is too large: ${megabytes(maxBytes)} is the most`
    case 415:
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
  if (retryAfterSeconds === undefined) return send(reply, STATUS[error.code] ?? 400, body)
  return send(reply.header('retry-after', String(retryAfterSeconds)), 429, body)
}

/** Every refusal has the form of a GraphQL error, whatever it is that was refused. */
export const createRefusals = (logger: Logger, limits: EnforcedLimits, metrics: Metrics) => ({
  error: (error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const { statusCode = 500 } = error
    if (statusCode === 413) limits.hit('requestBytes')
    if (error instanceof HarkError && error.code === 'UNAUTHENTICATED') metrics.countRefusedToken()
    if (statusCode >= 400 && statusCode < 500)
      return send(reply, statusCode, refusalBody('BAD_USER_INPUT', messageOf(error, request, limits.requestBytes)))
    const body = JSON.stringify({ errors: [contractError(error, request.id, logger)] })
    return error instanceof HarkError ? sendRefusal(reply, error, body) : send(reply, 500, body)
  },

  notFound: (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const { method, url } = request
    if (url.split('?')[0] !== GRAPHQL_PATH)
      return send(reply, 404, refusalBody('NOT_FOUND', `There is nothing at ${url}: GraphQL is at ${GRAPHQL_PATH}`))
    reply.header('allow', 'GET, POST')
    return send(reply, 405, refusalBody('BAD_USER_INPUT', `${method} is no way to ask GraphQL: use POST`))
  },
})
