import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type ExecutionResult, OperationTypeNode } from 'graphql'
import { isAsyncIterable } from 'graphql-yoga'
import type { Principal } from '../../auth/roles.ts'
import { OVER } from '../../lib/abortable.ts'
import type { Turns } from '../../lib/turns.ts'
import type { EnforcedLimits } from '../enforced-limits.ts'
import type { RequestGate } from '../http/request-gate.ts'
import { callerOf } from '../http/request-origin.ts'
import type { ClientLoads, Place } from '../load/client-loads.ts'
import { overLimit } from '../over-limit.ts'
import { clientOf, OperationContext } from './context.ts'
import { EVENT_STREAM, eventStream } from './event-stream.ts'
import type { Operation, Operations } from './execute.ts'
import type { GraphiqlPage } from './graphiql.ts'
import { refusalBody } from './masked-errors.ts'
import { fromBody, fromUrl, type OperationRequest } from './request-parser.ts'

export const GRAPHQL_PATH = '/graphql'
const SECOND_MS = 1000
const GRAPHQL_RESPONSE = 'application/graphql-response+json'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; null where nobody was asked. */
    principal: Principal | null
    /** What it takes of what its client may have under way. */
    place: Place | null
  }
}

export interface HttpEndpointOptions {
  readonly operations: Operations
  readonly door: RequestGate
  readonly limits: EnforcedLimits
  readonly loads: ClientLoads
  readonly turns: Turns
  readonly addressOf: (request: IncomingMessage) => string
  /** Whether a browser is given GraphiQL. */
  readonly hasGraphiql: () => boolean
}

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

const sendJson = (reply: FastifyReply, status: number, text: string, accept: string): FastifyReply => {
  const type = accept.includes(GRAPHQL_RESPONSE) ? GRAPHQL_RESPONSE : 'application/json'
  reply.request.place?.answered(text.length)
  return reply.code(status).header('content-type', `${type}; charset=utf-8`).send(text)
}

/** The one text of what could not be run. */
async function* only(text: string): AsyncGenerator<string, undefined> {
  yield text
}

/** Bytes that a request brings, as far as it says. */
const bytesOf = ({ headers }: FastifyRequest, { requestBytes }: EnforcedLimits): number => {
  if (headers['content-length'] !== undefined) return Math.min(Number(headers['content-length']), requestBytes)
  return headers['transfer-encoding'] === undefined ? 0 : requestBytes
}

const refuse = (reply: FastifyReply, status: number, message: string): FastifyReply =>
  reply
    .code(status)
    .header('content-type', 'application/json; charset=utf-8')
    .send(refusalBody('BAD_USER_INPUT', message))

const wantsPage = ({ method, headers }: FastifyRequest): boolean =>
  method === 'GET' && headers.accept?.includes('text/html') === true

/**
 * GraphQL over HTTP. Yoga's own handler makes a fetch Request of every request and a Response of every answer; without
 * them the server does three times as much. Server-sent events are written by Yoga, one connection a subscription.
 */
export const registerHttpEndpoint = (
  app: FastifyInstance,
  { operations, door, limits, loads, turns, addressOf, hasGraphiql }: HttpEndpointOptions,
): void => {
  const sendEvents = (reply: FastifyReply, texts: AsyncIterableIterator<string>, client: string): FastifyReply => {
    // Of those there is another limit.
    reply.request.place?.end()
    return reply
      .header('content-type', EVENT_STREAM)
      .header('cache-control', 'no-cache')
      .send(
        eventStream(texts, {
          turn: () => turns.next(`${client} is told`),
          patienceMs: limits.answerSeconds * SECOND_MS,
          givenUp: () => limits.hit('answerSeconds'),
        }),
      )
  }

  const contextOf = ({ id, raw, headers, principal }: FastifyRequest, reply: FastifyReply): OperationContext => {
    const who = principal as Principal
    const gone = new AbortController()
    reply.raw.once('close', () => turns.run('closed connections', () => gone.abort(OVER)))
    const caller = callerOf(who, { id, address: addressOf(raw), userAgent: headers['user-agent'] })
    return new OperationContext(who, caller, { limits, turns }, gone.signal)
  }

  /** Runs a query once its client has few others under way, and all else at once. */
  const run = async (operation: Operation, place: Place | null): ReturnType<Operation['run']> => {
    if (operation.type === OperationTypeNode.QUERY) await place?.begin()
    return operation.run()
  }

  const answer = async (
    request: FastifyRequest,
    reply: FastifyReply,
    asked: OperationRequest,
  ): Promise<FastifyReply> => {
    const accept = request.headers.accept ?? '*/*'
    const context = contextOf(request, reply)
    const operation = operations.prepare(asked, context)
    const respond = (result: ExecutionResult, text: string): FastifyReply =>
      isJson(accept) || !accepts(accept, EVENT_STREAM)
        ? sendJson(reply, statusOf(result, accept), text, accept)
        : sendEvents(reply, only(text), context.client)
    if (!('run' in operation)) {
      const result = { errors: operation }
      return respond(result, JSON.stringify(result))
    }

    if (operation.type === OperationTypeNode.MUTATION && request.method !== 'POST')
      return refuse(reply.header('allow', 'POST'), 405, 'A mutation must be sent with POST')
    if (operation.type === OperationTypeNode.SUBSCRIPTION && !accepts(accept, EVENT_STREAM))
      return refuse(reply, 406, `A subscription is answered as ${EVENT_STREAM}, or over a WebSocket`)

    const results = await run(operation, request.place)
    if (isAsyncIterable(results)) return sendEvents(reply, results as AsyncIterableIterator<string>, context.client)
    return respond(results, await operation.text(results))
  }

  /** Several operations in one request, each answered in its place. */
  const answerAll = async (
    request: FastifyRequest,
    reply: FastifyReply,
    bodies: readonly unknown[],
  ): Promise<FastifyReply> => {
    const { batch } = limits
    if (bodies.length > batch) {
      limits.hit('batch')
      const most = batch === 1 ? 'one operation a request' : `${batch} operations a request`
      throw overLimit('batch', `a list of ${bodies.length} operations is too much: ${most} is the most`)
    }
    const prepared = bodies.map((body, index) => {
      const context = contextOf(request, reply)
      // The first came in with the request.
      const admit = () => (index === 0 ? undefined : door.readmit(context.principal, addressOf(request.raw)))
      return operations.prepare(fromBody(body), context, admit)
    })
    if (prepared.some(operation => 'run' in operation && operation.type === OperationTypeNode.SUBSCRIPTION))
      return refuse(reply, 406, 'A subscription is asked for on its own')
    const texts: string[] = []
    // One after the other, as whoever wrote them down expects of mutations.
    for (const operation of prepared) {
      if (!('run' in operation)) texts.push(JSON.stringify({ errors: operation }))
      else texts.push(await operation.text((await run(operation, null)) as ExecutionResult))
    }
    return sendJson(reply, 200, `[${texts.join(',')}]`, request.headers.accept ?? '*/*')
  }

  // Before the body is read: whoever may not ask does not get to send much.
  const onRequest = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (wantsPage(request) && hasGraphiql()) return
    const address = addressOf(request.raw)
    request.principal = await door.authenticate(request.headers.authorization, address)
    const place = loads.enter(clientOf(request.principal, address), bytesOf(request, limits))
    request.place = place
    // A client that left meanwhile leaves no second time.
    if (reply.raw.closed) place.end()
    else reply.raw.once('close', () => place.end())
  }

  app.post(GRAPHQL_PATH, { onRequest }, (request, reply) =>
    Array.isArray(request.body)
      ? answerAll(request, reply, request.body)
      : answer(request, reply, fromBody(request.body)),
  )

  let page: Promise<GraphiqlPage> | undefined
  // No HEAD: it would be run as a GET is, and the pages of other sites may send one.
  app.get(GRAPHQL_PATH, { onRequest, exposeHeadRoute: false }, async (request, reply) => {
    if (!wantsPage(request)) return answer(request, reply, fromUrl(request.query))
    if (!hasGraphiql()) return refuse(reply, 404, 'GraphiQL is off: --graphiql on serves it')
    // Some megabytes, which a server whose visitors are programs never needs.
    page ??= import('./graphiql.ts').then(module => new module.GraphiqlPage())
    const { body, encoding } = await (await page).for(request.headers['accept-encoding'] ?? '')
    if (encoding !== undefined) reply.header('content-encoding', encoding)
    return reply.header('content-type', 'text/html; charset=utf-8').header('vary', 'accept-encoding').send(body)
  })
}
