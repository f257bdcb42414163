import type { IncomingMessage } from 'node:http'
import { setImmediate as nextTurn } from 'node:timers/promises'
import cors from '@fastify/cors'
import proxyaddr from '@fastify/proxy-addr'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { DEFAULT_LIMITS, type Limits } from '../../schemas/limits.ts'
import { type Authenticator, openDoor } from '../auth/authenticator.ts'
import { mustHave } from '../auth/roles.ts'
import type { Engine } from '../engine/engine.ts'
import type { Logger } from '../engine/logger.ts'
import type { RouterActivity } from '../engine/router-activity.ts'
import { requestId } from './caller.ts'
import { Door } from './door.ts'
import type { EnforcedLimits } from './enforced-limits.ts'
import { GRAPHQL_PATH, registerHttpEndpoint } from './http-endpoint.ts'
import { Metrics } from './metrics.ts'
import { OpenSubscriptions } from './open-subscriptions.ts'
import { Operations } from './operations.ts'
import { registerProbes } from './probes.ts'
import { createRefusals } from './refusals.ts'
import { createSchema } from './schema.ts'
import { securityHeaders } from './security-headers.ts'
import { openWebSocketEndpoint } from './websocket-endpoint.ts'

/** How long requests that are under way may go on when the server is closed. */
const CLOSING_PATIENCE_MS = 5_000
const SECOND_MS = 1000

export interface ServerOptions {
  /** The server does not close it. */
  readonly engine: Engine
  readonly logger: Logger
  /** What this engine does to routers; nothing where it is not given. */
  readonly routers?: () => readonly RouterActivity[]
  /** Tells who asks; by default nobody is asked. */
  readonly authenticator?: Authenticator
  readonly limits?: Limits
  /** A certificate and its key, PEM texts, to be reached by TLS alone. */
  readonly tls?: { readonly certificate: string; readonly key: string }
  /** Whether browsers are given GraphiQL; by default where no token is asked for. */
  readonly graphiql?: boolean
  /** Pages of these origins may ask; by default those of no other. */
  readonly corsOrigins?: readonly string[]
  /** Proxies, by address or network, that are believed whom they ask for. */
  readonly trustedProxies?: readonly string[]
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

/** Takes the headers or the body too long: Node.js closes the connection by itself. */
const countTimeouts = (app: FastifyInstance, limits: EnforcedLimits): void => {
  app.server.on('clientError', (error: NodeJS.ErrnoException & { rawPacket?: Buffer }) => {
    if (error.code !== 'ERR_HTTP_REQUEST_TIMEOUT') return
    limits.hit('headersSeconds')
  })
}

/** Hark's door: GraphQL over HTTP, server-sent events and WebSocket, and what operators ask. */
export const createServer = (options: ServerOptions): ApiServer => {
  const {
    engine,
    logger,
    routers = () => [],
    authenticator = openDoor,
    tls,
    corsOrigins = [],
    trustedProxies,
  } = options
  const metrics = new Metrics(engine, () => subscriptions.count, routers)
  const limits: EnforcedLimits = { ...(options.limits ?? DEFAULT_LIMITS), hit: limit => metrics.countHit(limit) }
  const subscriptions = new OpenSubscriptions(limits)
  const refusals = createRefusals(logger, limits, metrics)
  const app = Fastify({
    ...(tls && { https: { cert: tls.certificate, key: tls.key } }),
    bodyLimit: limits.requestBytes,
    requestTimeout: limits.requestSeconds * SECOND_MS,
    keepAliveTimeout: limits.idleSeconds * SECOND_MS,
    http: { headersTimeout: limits.headersSeconds * SECOND_MS },
    trustProxy: trustedProxies === undefined ? false : [...trustedProxies],
    // What comes in on an open connection while the server is closing is answered: the engine is still there.
    return503OnClosing: false,
    genReqId: ({ headers }: IncomingMessage) => requestId(headers),
    frameworkErrors: refusals.error,
  }) as unknown as FastifyInstance
  const door = new Door(authenticator, limits)
  const operations = new Operations(createSchema({ engine, metrics, subscriptions }), limits, logger)

  countTimeouts(app, limits)
  app.decorateRequest('principal', null)
  app.removeContentTypeParser('text/plain')
  app.setErrorHandler(refusals.error)
  app.setNotFoundHandler(refusals.notFound)
  const headers = securityHeaders(tls !== undefined)
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(headers).header('x-request-id', request.id)
    done()
  })
  if (corsOrigins.length > 0) void app.register(cors, { origin: [...corsOrigins], methods: ['GET', 'POST'] })
  let closing = false
  app.addHook('onResponse', (request, reply, done) => {
    const { id, method, url, routeOptions } = request
    metrics.countRequest(routeOptions.url ?? 'none', reply.statusCode)
    logger.debug({ requestId: id, method, url, status: reply.statusCode, ms: reply.elapsedTime }, 'answered')
    // The closing of the server closes connections that are idle then, and no others.
    if (closing) setImmediate(() => app.server.closeIdleConnections())
    done()
  })

  const hasGraphiql = (): boolean => options.graphiql ?? !door.isLocked
  registerHttpEndpoint(app, { operations, door, limits, hasGraphiql })
  registerProbes(app, engine)
  // They tell of every namespace.
  const mayMeasure = async ({ headers: { authorization }, ip }: FastifyRequest): Promise<void> =>
    mustHave(await door.enter(authorization, ip), 'read', undefined)
  app.get('/metrics', { onRequest: mayMeasure }, async (_: unknown, reply: FastifyReply) =>
    reply.header('content-type', metrics.contentType).send(await metrics.text()),
  )
  app.get('/', (_, reply) => reply.redirect(GRAPHQL_PATH))

  const trusts = trustedProxies && proxyaddr.compile([...trustedProxies])
  const addressOf = (request: IncomingMessage): string =>
    trusts === undefined ? (request.socket.remoteAddress ?? '') : proxyaddr(request, trusts)
  const sockets = openWebSocketEndpoint({
    server: app.server,
    path: GRAPHQL_PATH,
    operations,
    door,
    limits,
    addressOf,
    origins: corsOrigins,
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
