import type { FastifyInstance } from 'fastify'
import { HarkError } from '../../../schemas/errors.ts'
import type { ServerServices } from '../services.ts'

const HOST_REJECTED =
  'without authentication, Hark accepts only localhost and IP addresses as host: use one of these, or create a token with `hark token create`'

export const registerRequestHooks = (
  app: FastifyInstance,
  { scheduler, clientIp, isHostAllowed }: ServerServices,
  headers: Readonly<Record<string, string>>,
): void => {
  app.addHook('onRequest', (request, reply, done) => {
    // Requests may arrive by the thousand, so clients take turns.
    scheduler.run(`requests from ${clientIp(request.raw)}`, () => {
      if (reply.raw.closed) return
      reply.headers(headers).header('x-request-id', request.id)
      done(isHostAllowed(request.raw) ? undefined : new HarkError('FORBIDDEN', HOST_REJECTED))
    })
  })
}

export const registerRequestLog = (app: FastifyInstance, { metrics, logger }: ServerServices): void => {
  app.addHook('onResponse', (request, reply, done) => {
    const { id, method, routeOptions, span } = request
    const trace = span && { traceId: span.traceId }
    // The query string may contain secrets.
    const [path] = request.url.split('?')
    metrics.countRequest(routeOptions.url ?? 'none', reply.statusCode)
    logger.debug({ requestId: id, ...trace, method, path, status: reply.statusCode, ms: reply.elapsedTime }, 'answered')
    done()
  })
}
