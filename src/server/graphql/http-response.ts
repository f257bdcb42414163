import type { FastifyReply } from 'fastify'
import type { ExecutionResult } from 'graphql'
import { EVENT_STREAM } from './event-stream.ts'
import { errorBody } from './masked-errors.ts'

const GRAPHQL_RESPONSE = 'application/graphql-response+json'

const accepts = (accept: string, type: string): boolean => accept.includes(type) || accept.includes('*/*')

export const acceptsJson = (accept: string): boolean =>
  accepts(accept, 'application/json') || accept.includes(GRAPHQL_RESPONSE)

export const acceptsEvents = (accept: string): boolean => accepts(accept, EVENT_STREAM)

/** GraphQL over HTTP: an operation that was not executed is 400, but 200 with application/json. */
export const statusOf = (result: ExecutionResult, accept: string): number => {
  if ('data' in result) return 200
  if (result.errors?.some(({ extensions }) => extensions.code === 'INTERNAL_SERVER_ERROR')) return 500
  return accept.includes(GRAPHQL_RESPONSE) ? 400 : 200
}

export const sendJson = (reply: FastifyReply, status: number, text: string, accept: string): FastifyReply => {
  const type = accept.includes(GRAPHQL_RESPONSE) ? GRAPHQL_RESPONSE : 'application/json'
  reply.request.slot?.answered(text.length)
  return reply.code(status).header('content-type', `${type}; charset=utf-8`).send(text)
}

export const sendError = (reply: FastifyReply, status: number, message: string): FastifyReply =>
  reply
    .code(status)
    .header('content-type', 'application/json; charset=utf-8')
    .send(errorBody('BAD_USER_INPUT', message))
