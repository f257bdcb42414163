import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Principal } from '../../auth/roles.ts'
import { OVER } from '../../lib/abortable.ts'
import { admit } from '../http/admission.ts'
import { sendCompressed } from '../http/compression.ts'
import { callerOf } from '../http/request-origin.ts'
import { GRAPHQL_PATH, type ServerServices } from '../services.ts'
import { OperationContext } from './context.ts'
import { errorBody } from './mask-error.ts'
import { EVENT_STREAM, UNBUFFERED } from './plugins/operation-rules.ts'
import { executePost } from './post.ts'
import { type OperationRequest, parseBody, parseQueryString } from './request-parser.ts'

const wantsPage = ({ method, headers }: FastifyRequest): boolean =>
  method === 'GET' && headers.accept?.includes('text/html') === true

const send = async (reply: FastifyReply, response: Response): Promise<FastifyReply> => {
  const { slot } = reply.request
  response.headers.forEach((value, name) => void reply.header(name, value))
  reply.code(response.status)
  if (response.headers.get('content-type') === EVENT_STREAM) {
    slot?.release()
    return reply.headers(UNBUFFERED).send(response.body)
  }
  const body = Buffer.from(await response.arrayBuffer())
  slot?.answered(body.length)
  if (response.headers.has('content-encoding')) return reply.send(body)
  await sendCompressed(reply, body)
  return reply
}

class HttpHandler {
  readonly #services: ServerServices

  constructor(services: ServerServices) {
    this.#services = services
  }

  async post(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { body } = request
    const context = this.#createContext(request, reply)
    if (Array.isArray(body)) return this.#handle(request, reply, context, body.map(parseBody))
    const params = parseBody(body)
    const isAnswered = await executePost(this.#services.yoga, params, context, reply)
    return isAnswered ? reply : this.#handle(request, reply, context, params)
  }

  async get(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    if (!wantsPage(request))
      return this.#handle(request, reply, this.#createContext(request, reply), parseQueryString(request.query))
    if (this.#services.hasGraphiql())
      return send(reply, await this.#services.yoga.handleNodeRequestAndResponse(request, reply))
    const body = errorBody('BAD_USER_INPUT', 'GraphiQL is off: start Hark with --graphiql on')
    return reply.code(404).header('content-type', 'application/json; charset=utf-8').send(body)
  }

  async #handle(
    request: FastifyRequest,
    reply: FastifyReply,
    context: OperationContext,
    received: OperationRequest | readonly OperationRequest[],
  ): Promise<FastifyReply> {
    context.received = received
    return send(reply, await this.#services.yoga.handleNodeRequestAndResponse(request, reply, context))
  }

  #createContext({ id, raw, headers, principal, slot, span }: FastifyRequest, reply: FastifyReply): OperationContext {
    const { clientIp, scheduler } = this.#services
    const controller = new AbortController()
    reply.raw.once('close', () => {
      if (reply.raw.writableFinished) return
      // Thousands of connections may close together.
      scheduler.run('closed connections', () => controller.abort(OVER))
    })
    const origin = { id, address: clientIp(raw), userAgent: headers['user-agent'], span }
    const caller = callerOf(principal as Principal, origin)
    return new OperationContext(principal as Principal, caller, this.#services, controller.signal, slot ?? undefined)
  }
}

export const registerHttpHandler = (app: FastifyInstance, services: ServerServices): void => {
  const handler = new HttpHandler(services)
  const onRequest = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (!wantsPage(request) || !services.hasGraphiql()) await admit(request, reply, services)
  }
  app.post(GRAPHQL_PATH, { onRequest }, (request, reply) => handler.post(request, reply))
  // HEAD would execute the operation, and other sites can send it without a preflight request.
  app.get(GRAPHQL_PATH, { onRequest, exposeHeadRoute: false }, (request, reply) => handler.get(request, reply))
}
