import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type ExecutionResult, OperationTypeNode } from 'graphql'
import { isAsyncIterable } from 'graphql-yoga'
import type { Principal } from '../../auth/roles.ts'
import { OVER } from '../../lib/abortable.ts'
import { callerOf } from '../http/request-origin.ts'
import { type EnforcedLimits, overLimit } from '../limits.ts'
import type { OperationSlot } from '../load/operation-slots.ts'
import { GRAPHQL_PATH, type ServerServices } from '../services.ts'
import { clientKey, OperationContext } from './context.ts'
import { EVENT_STREAM, eventStream } from './event-stream.ts'
import type { Operation, Results } from './execute.ts'
import type { GraphiqlPage } from './graphiql.ts'
import { acceptsEvents, acceptsJson, sendError, sendJson, statusOf } from './http-response.ts'
import { type OperationRequest, parseBody, parseQueryString } from './request-parser.ts'

const SECOND_MS = 1000

declare module 'fastify' {
  interface FastifyRequest {
    /** Null if the request was not authenticated. */
    principal: Principal | null
    slot: OperationSlot | null
  }
}

async function* single(text: string): AsyncGenerator<string, undefined> {
  yield text
}

const bodyBytes = ({ headers }: FastifyRequest, { requestBytes }: EnforcedLimits): number => {
  if (headers['content-length'] !== undefined) return Math.min(Number(headers['content-length']), requestBytes)
  return headers['transfer-encoding'] === undefined ? 0 : requestBytes
}

const wantsPage = ({ method, headers }: FastifyRequest): boolean =>
  method === 'GET' && headers.accept?.includes('text/html') === true

const acceptOf = ({ headers }: FastifyRequest): string => headers.accept ?? '*/*'

const run = async (operation: Operation, slot: OperationSlot | null): Promise<Results> => {
  if (operation.type === OperationTypeNode.QUERY) await slot?.startQuery()
  return operation.run()
}

/** Subscriptions use the distinct connections mode of graphql-sse. */
class HttpHandler {
  readonly #services: ServerServices
  readonly #hasGraphiql: () => boolean
  #page: Promise<GraphiqlPage> | undefined

  constructor(services: ServerServices, hasGraphiql: () => boolean) {
    this.#services = services
    this.#hasGraphiql = hasGraphiql
  }

  /** Runs before the body is read: a rejected client cannot send much. */
  async authenticate(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    if (wantsPage(request) && this.#hasGraphiql()) return
    const { gate, slots, limits, clientIp } = this.#services
    const address = clientIp(request.raw)
    request.principal = await gate.authenticate(request.headers.authorization, address)
    const slot = slots.acquire(clientKey(request.principal, address), bodyBytes(request, limits))
    request.slot = slot
    // The connection may have closed meanwhile.
    if (reply.raw.closed) slot.release()
    else reply.raw.once('close', () => slot.release())
  }

  post(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    return Array.isArray(request.body)
      ? this.#executeBatch(request, reply, request.body)
      : this.#execute(request, reply, parseBody(request.body))
  }

  async get(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    if (!wantsPage(request)) return this.#execute(request, reply, parseQueryString(request.query))
    if (!this.#hasGraphiql()) return sendError(reply, 404, 'GraphiQL is off: start Hark with --graphiql on')
    // The page takes some megabytes.
    this.#page ??= import('./graphiql.ts').then(module => new module.GraphiqlPage())
    const { body, encoding } = await (await this.#page).encode(request.headers['accept-encoding'] ?? '')
    if (encoding !== undefined) reply.header('content-encoding', encoding)
    return reply.header('content-type', 'text/html; charset=utf-8').header('vary', 'accept-encoding').send(body)
  }

  async #execute(request: FastifyRequest, reply: FastifyReply, body: OperationRequest): Promise<FastifyReply> {
    const accept = acceptOf(request)
    const context = this.#createContext(request, reply)
    const operation = this.#services.operations.prepare(body, context)
    const send = (result: ExecutionResult, text: string): FastifyReply =>
      acceptsJson(accept) || !acceptsEvents(accept)
        ? sendJson(reply, statusOf(result, accept), text, accept)
        : this.#sendEvents(reply, single(text), context)
    if (!('run' in operation)) {
      const result = { errors: operation }
      return send(result, JSON.stringify(result))
    }
    if (operation.type === OperationTypeNode.MUTATION && request.method !== 'POST')
      return sendError(reply.header('allow', 'POST'), 405, 'a mutation requires POST')
    if (operation.type === OperationTypeNode.SUBSCRIPTION && !acceptsEvents(accept))
      return sendError(reply, 406, `a subscription requires Accept: ${EVENT_STREAM}, or a WebSocket`)
    const results = await run(operation, request.slot)
    if (isAsyncIterable(results)) return this.#sendEvents(reply, results as AsyncIterableIterator<string>, context)
    return send(results, await operation.serialize(results))
  }

  /** Clients expect mutations to run in order. */
  async #executeBatch(request: FastifyRequest, reply: FastifyReply, bodies: readonly unknown[]): Promise<FastifyReply> {
    const { limits, gate, operations, clientIp } = this.#services
    const { batch } = limits
    if (bodies.length > batch) {
      limits.hit('batch')
      throw overLimit('batch', `too many operations in a request (${bodies.length}): the limit is ${batch}`)
    }
    const prepared = bodies.map((body, index) => {
      const context = this.#createContext(request, reply)
      // The request gate counted the first operation.
      const admit = () => (index === 0 ? undefined : gate.readmit(context.principal, clientIp(request.raw)))
      return operations.prepare(parseBody(body), context, admit)
    })
    if (prepared.some(operation => 'run' in operation && operation.type === OperationTypeNode.SUBSCRIPTION))
      return sendError(reply, 406, 'a batch must not contain a subscription')
    const texts: string[] = []
    for (const operation of prepared) {
      if (!('run' in operation)) texts.push(JSON.stringify({ errors: operation }))
      else texts.push(await operation.serialize((await run(operation, null)) as ExecutionResult))
    }
    return sendJson(reply, 200, `[${texts.join(',')}]`, acceptOf(request))
  }

  #sendEvents(reply: FastifyReply, texts: AsyncIterableIterator<string>, context: OperationContext): FastifyReply {
    const { scheduler, limits } = this.#services
    // Subscriptions have limits of their own.
    reply.request.slot?.release()
    return reply
      .header('content-type', EVENT_STREAM)
      .header('cache-control', 'no-cache')
      .send(
        eventStream(texts, {
          turn: () => scheduler.next(`messages to ${context.clientKey}`),
          timeoutMs: limits.answerSeconds * SECOND_MS,
          onTimeout: () => limits.hit('answerSeconds'),
        }),
      )
  }

  #createContext({ id, raw, headers, principal }: FastifyRequest, reply: FastifyReply): OperationContext {
    const { limits, scheduler, clientIp } = this.#services
    const controller = new AbortController()
    reply.raw.once('close', () => scheduler.run('closed connections', () => controller.abort(OVER)))
    const caller = callerOf(principal as Principal, { id, address: clientIp(raw), userAgent: headers['user-agent'] })
    return new OperationContext(principal as Principal, caller, { limits, scheduler }, controller.signal)
  }
}

export const registerHttpHandler = (
  app: FastifyInstance,
  services: ServerServices,
  hasGraphiql: () => boolean,
): void => {
  app.decorateRequest('principal', null)
  app.decorateRequest('slot', null)
  const handler = new HttpHandler(services, hasGraphiql)
  const onRequest = (request: FastifyRequest, reply: FastifyReply) => handler.authenticate(request, reply)
  app.post(GRAPHQL_PATH, { onRequest }, (request, reply) => handler.post(request, reply))
  // HEAD would execute the operation, and other sites can send it without a preflight request.
  app.get(GRAPHQL_PATH, { onRequest, exposeHeadRoute: false }, (request, reply) => handler.get(request, reply))
}
