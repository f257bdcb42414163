import type { FastifyInstance } from 'fastify'
import { HarkError } from '../../../schemas/errors.ts'
import type { ServerServices } from '../services.ts'

const HOST_REJECTED =
  'without authentication, Hark answers to localhost and IP addresses alone: use one of these, or create a token with `hark token create`'

/**
 * For every request: a turn of the event loop, the headers of its response, and the check of its Host header.
 *
 * @param headers of every response
 */
export const registerRequestHooks = (
  app: FastifyInstance,
  { turns, clientIp, isHostAllowed }: ServerServices,
  headers: Readonly<Record<string, string>>,
): void => {
  app.addHook('onRequest', (request, reply, done) => {
    // Thousands of requests may arrive at once: those of one client must not all come before another's.
    turns.run(`requests from ${clientIp(request.raw)}`, () => {
      if (reply.raw.closed) return
      reply.headers(headers).header('x-request-id', request.id)
      done(isHostAllowed(request.raw) ? undefined : new HarkError('FORBIDDEN', HOST_REJECTED))
    })
  })
}

export const registerRequestLog = (app: FastifyInstance, { metrics, logger }: ServerServices): void => {
  app.addHook('onResponse', (request, reply, done) => {
    const { id, method, routeOptions } = request
    // The query string may contain secrets.
    const [path] = request.url.split('?')
    metrics.countRequest(routeOptions.url ?? 'none', reply.statusCode)
    logger.debug({ requestId: id, method, path, status: reply.statusCode, ms: reply.elapsedTime }, 'answered')
    done()
  })
}
