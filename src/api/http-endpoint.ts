import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type ExecutionResult, OperationTypeNode } from 'graphql'
import { type FetchAPI, getSSEProcessor, isAsyncIterable } from 'graphql-yoga'
import { callerOf } from './caller.ts'
import { refusalBody } from './contract-errors.ts'
import { OperationContext } from './operation-context.ts'
import { fromBody, fromUrl, type OperationRequest } from './operation-request.ts'
import type { Operations } from './operations.ts'

export const GRAPHQL_PATH = '/graphql'
const EVENT_STREAM = 'text/event-stream'
const GRAPHQL_RESPONSE = 'application/graphql-response+json'

const accepts = (accept: string, type: string): boolean => accept.includes(type) || accept.includes('*/*')

const isJson = (accept: string): boolean => accepts(accept, 'application/json') || accept.includes(GRAPHQL_RESPONSE)

/**
 * Where nothing was run, a client that knows GraphQL's own media type is told by the status as well; to others every
 * well-formed request is a success, as the specification of GraphQL over HTTP has it.
 */
const statusOf = (result: ExecutionResult, accept: string): number => {
  if ('data' in result) return 200
  if (result.errors?.some(({ extensions }) => extensions.code === 'INTERNAL_SERVER_ERROR')) return 500
  return accept.includes(GRAPHQL_RESPONSE) ? 400 : 200
}

const sendJson = (reply: FastifyReply, result: ExecutionResult, accept: string): FastifyReply => {
  const type = accept.includes(GRAPHQL_RESPONSE) ? GRAPHQL_RESPONSE : 'application/json'
  return reply
    .code(statusOf(result, accept))
    .header('content-type', `${type}; charset=utf-8`)
    .send(JSON.stringify(result))
}

const refuse = (reply: FastifyReply, status: number, message: string): FastifyReply =>
  reply
    .code(status)
    .header('content-type', 'application/json; charset=utf-8')
    .send(refusalBody('BAD_USER_INPUT', message))

/**
 * GraphQL over HTTP. Yoga's own handler makes a fetch Request of every request and a Response of every answer; without
 * them the server does three times as much. Server-sent events are written by Yoga, one connection a subscription.
 */
export const registerHttpEndpoint = (app: FastifyInstance, operations: Operations): void => {
  const toEventStream = getSSEProcessor()

  const sendEvents = (reply: FastifyReply, results: ExecutionResult | AsyncIterable<ExecutionResult>): FastifyReply =>
    reply.send(
      toEventStream(results as Parameters<typeof toEventStream>[0], globalThis as unknown as FetchAPI, EVENT_STREAM),
    )

  const answer = async (
    request: FastifyRequest,
    reply: FastifyReply,
    asked: OperationRequest,
  ): Promise<FastifyReply> => {
    const accept = request.headers.accept ?? '*/*'
    const operation = operations.prepare(asked, new OperationContext(callerOf(request.id)))
    const respond = (result: ExecutionResult): FastifyReply =>
      isJson(accept) || !accepts(accept, EVENT_STREAM) ? sendJson(reply, result, accept) : sendEvents(reply, result)
    if (!('run' in operation)) return respond({ errors: operation })

    if (operation.type === OperationTypeNode.MUTATION && request.method === 'GET')
      return refuse(reply.header('allow', 'POST'), 405, 'A mutation must be sent with POST')
    if (operation.type === OperationTypeNode.SUBSCRIPTION && !accepts(accept, EVENT_STREAM))
      return refuse(reply, 406, `A subscription is answered as ${EVENT_STREAM}, or over a WebSocket`)

    const result = await operation.run()
    return isAsyncIterable(result) ? sendEvents(reply, result) : respond(result)
  }

  app.post(GRAPHQL_PATH, (request, reply) => answer(request, reply, fromBody(request.body)))

  let page: Promise<Buffer> | undefined
  app.get(GRAPHQL_PATH, async (request, reply) => {
    if (!request.headers.accept?.includes('text/html')) return answer(request, reply, fromUrl(request.query))
    // Some megabytes, which a server whose visitors are programs never needs.
    page ??= import('./graphiql.ts').then(({ graphiqlPage }) => graphiqlPage())
    return reply.header('content-type', 'text/html; charset=utf-8').send(await page)
  })
}
