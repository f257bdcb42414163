import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { HarkError } from '../../schemas/errors.ts'
import type { Logger } from '../engine/logger.ts'
import { contractError, refusalBody } from './contract-errors.ts'
import { GRAPHQL_PATH } from './http-endpoint.ts'

const send = (reply: FastifyReply, status: number, body: string): FastifyReply =>
  reply.code(status).header('content-type', 'application/json; charset=utf-8').send(body)

/** What the HTTP server itself refuses, in words that say what would do. */
const messageOf = (error: FastifyError, request: FastifyRequest, maxBytes: number): string => {
  switch (error.statusCode) {
    case 413:
      return `The request is too large: ${maxBytes / 1024 ** 2} MB is the most`
    case 415:
      return `The content type ${request.headers['content-type'] ?? 'is missing'}: send application/json`
    default:
      return error.message
  }
}

/** Every refusal has the form of a GraphQL error, whatever it is that was refused. */
export const createRefusals = (logger: Logger, maxBytes: number) => ({
  error: (error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const { statusCode = 500 } = error
    if (statusCode >= 400 && statusCode < 500)
      return send(reply, statusCode, refusalBody('BAD_USER_INPUT', messageOf(error, request, maxBytes)))
    const body = JSON.stringify({ errors: [contractError(error, request.id, logger)] })
    return send(reply, error instanceof HarkError ? 400 : 500, body)
  },

  notFound: (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const { method, url } = request
    if (url.split('?')[0] !== GRAPHQL_PATH)
      return send(reply, 404, refusalBody('NOT_FOUND', `There is nothing at ${url}: GraphQL is at ${GRAPHQL_PATH}`))
    reply.header('allow', 'GET, POST')
    return send(reply, 405, refusalBody('BAD_USER_INPUT', `${method} is no way to ask GraphQL: use POST`))
  },
})
