import type { FastifyInstance } from 'fastify'
import { type Span, type Tracer, traceParentIn } from '../../telemetry/tracing.ts'
import { GRAPHQL_PATH } from '../services.ts'

declare module 'fastify' {
  interface FastifyRequest {
    span: Span | null
  }
}

export const registerRequestSpans = (app: FastifyInstance, tracer: Tracer | undefined): void => {
  app.decorateRequest('span', null)
  if (tracer === undefined) return
  app.addHook('onRequest', (request, reply, done) => {
    const { method, routeOptions, headers, id } = request
    if (routeOptions.url === GRAPHQL_PATH) {
      const attributes = { 'http.request.method': method, 'http.route': GRAPHQL_PATH, 'hark.request_id': id }
      const span = tracer.start(`${method} ${GRAPHQL_PATH}`, 'server', attributes, traceParentIn(headers))
      request.span = span
      reply.raw.once('close', () => {
        const { statusCode } = reply
        span.set('http.response.status_code', statusCode)
        span.end(statusCode >= 500 ? `HTTP status ${statusCode}` : undefined)
      })
    }
    done()
  })
}
