import { setImmediate as nextTurn } from 'node:timers/promises'
import Fastify from 'fastify'
import type { Engine } from '../engine/engine.ts'
import type { Logger } from '../engine/logger.ts'
import type { RouterActivity } from '../engine/router-activity.ts'
import { requestId } from './caller.ts'
import { GRAPHQL_PATH, registerHttpEndpoint } from './http-endpoint.ts'
import { Metrics } from './metrics.ts'
import { OpenSubscriptions } from './open-subscriptions.ts'
import { Operations } from './operations.ts'
import { registerProbes } from './probes.ts'
import { createRefusals } from './refusals.ts'
import { createSchema } from './schema.ts'
import { openWebSocketEndpoint } from './websocket-endpoint.ts'

/** The largest request or WebSocket message: some thousand manifests to be applied. */
const MAX_REQUEST_BYTES = 4 * 1024 ** 2
/** How long a client may take to send a request. */
const REQUEST_PATIENCE_MS = 60_000
/** How long requests that are under way may go on when the server is closed. */
const CLOSING_PATIENCE_MS = 5_000

export interface ServerOptions {
  /** The server does not close it. */
  readonly engine: Engine
  readonly logger: Logger
  /** What this engine does to routers; nothing where it is not given. */
  readonly routers?: () => readonly RouterActivity[]
}

export interface ListenOptions {
  readonly host: string
  /** 0 for any that is free. */
  readonly port: number
}

export interface ApiServer {
  /** Resolves to the URL where it is reached; rejects where host and port cannot be had. */
  listen(options: ListenOptions): Promise<string>
  /** Ends subscriptions, lets requests that are under way finish, and hangs up on those that take too long. */
  close(): Promise<void>
}

/** Hark's door: GraphQL over HTTP, server-sent events and WebSocket, and what operators ask. */
export const createServer = ({ engine, logger, routers = () => [] }: ServerOptions): ApiServer => {
  const refusals = createRefusals(logger, MAX_REQUEST_BYTES)
  const app = Fastify({
    bodyLimit: MAX_REQUEST_BYTES,
    requestTimeout: REQUEST_PATIENCE_MS,
    // What comes in on an open connection while the server is closing is answered: the engine is still there.
    return503OnClosing: false,
    genReqId: ({ headers }) => requestId(headers),
    frameworkErrors: refusals.error,
  })
  const subscriptions = new OpenSubscriptions()
  const metrics = new Metrics(engine, subscriptions, routers)
  const operations = new Operations(createSchema({ engine, metrics, subscriptions }), logger)

  app.removeContentTypeParser('text/plain')
  app.setErrorHandler(refusals.error)
  app.setNotFoundHandler(refusals.notFound)
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    done()
  })
  let closing = false
  app.addHook('onResponse', (request, reply, done) => {
    const { id, method, url, routeOptions } = request
    metrics.countRequest(routeOptions.url ?? 'none', reply.statusCode)
    logger.debug({ requestId: id, method, url, status: reply.statusCode, ms: reply.elapsedTime }, 'answered')
    // The closing of the server closes connections that are idle then, and no others.
    if (closing) setImmediate(() => app.server.closeIdleConnections())
    done()
  })

  registerHttpEndpoint(app, operations)
  registerProbes(app, engine)
  app.get('/metrics', async (_, reply) => reply.header('content-type', metrics.contentType).send(await metrics.text()))
  app.get('/', (_, reply) => reply.redirect(GRAPHQL_PATH))

  const sockets = openWebSocketEndpoint({
    server: app.server,
    path: GRAPHQL_PATH,
    maxBytes: MAX_REQUEST_BYTES,
    operations,
    logger,
  })

  return {
    listen: ({ host, port }) => app.listen({ host, port }),
    close: async () => {
      const hangUp = setTimeout(() => {
        sockets.terminate()
        app.server.closeAllConnections()
      }, CLOSING_PATIENCE_MS)
      try {
        closing = true
        subscriptions.endAll()
        // Their readers are told through promises, which are all kept by the next turn of the event loop.
        await nextTurn()
        sockets.close()
        await app.close()
      } finally {
        clearTimeout(hangUp)
      }
    },
  }
}
