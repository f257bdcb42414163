import type { FastifyReply } from 'fastify'
import { OperationTypeNode } from 'graphql'
import { sendCompressed } from '../http/compression.ts'
import type { OperationContext } from './context.ts'
import { prepareOperation } from './operation.ts'
import { acceptsEvents } from './plugins/operation-rules.ts'
import type { OperationRequest } from './request-parser.ts'
import { type Result, stringify } from './result.ts'
import type { Yoga } from './yoga.ts'

const GRAPHQL_RESPONSE = 'application/graphql-response+json'

/**
 * Without the fetch `Request` and `Response` of Yoga's handler, which take three times as long. Returns false if the
 * answer is to be an event stream.
 */
export const executePost = async (
  yoga: Yoga,
  params: OperationRequest,
  context: OperationContext,
  reply: FastifyReply,
): Promise<boolean> => {
  const { accept = '*/*' } = reply.request.headers
  if (acceptsOnlyEvents(accept)) return false
  const operation = prepareOperation(yoga, params, context)
  if (!('run' in operation)) await send(reply, { errors: operation }, accept)
  else if (operation.type === OperationTypeNode.SUBSCRIPTION) return false
  else await send(reply, (await operation.run()) as Result, accept)
  return true
}

const acceptsOnlyEvents = (accept: string): boolean =>
  acceptsEvents(accept) && !/\*\/\*|application\/(graphql-response\+)?json/.test(accept)

const send = (reply: FastifyReply, result: Result, accept: string): Promise<void> => {
  const text = stringify(result)
  reply.request.slot?.answered(Buffer.byteLength(text))
  const type = accept.includes(GRAPHQL_RESPONSE) ? GRAPHQL_RESPONSE : 'application/json'
  reply.code(statusOf(result, accept)).header('content-type', `${type}; charset=utf-8`)
  return sendCompressed(reply, text)
}

const statusOf = (result: Result, accept: string): number => {
  if ('data' in result) return 200
  if (result.errors?.some(({ extensions }) => extensions.code === 'INTERNAL_SERVER_ERROR')) return 500
  return accept.includes(GRAPHQL_RESPONSE) ? 400 : 200
}
