import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import cors from '@fastify/cors'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { HarkError } from '../../schemas/errors.ts'
import { DEFAULT_LIMITS, type Limits } from '../../schemas/limits.ts'
import { type Authenticator, anonymousAuthenticator } from '../auth/authenticator.ts'
import { requirePermission } from '../auth/roles.ts'
import type { RouterActivity } from '../controller/stats.ts'
import type { Engine } from '../engine/engine.ts'
import type { SigningStatus } from '../integrity/checkpoints/checkpointer.ts'
import type { Logger } from '../lib/logger.ts'
import { Turns } from '../lib/turns.ts'
import type { EnforcedLimits } from './enforced-limits.ts'
import type { CredentialsWarning } from './graphql/credentials-warnings.ts'
import { Operations } from './graphql/execute.ts'
import { GRAPHQL_PATH, registerHttpEndpoint } from './graphql/http-handler.ts'
import { createSchema } from './graphql/schema.ts'
import { OpenSubscriptions } from './graphql/subscription-registry.ts'
import { openWebSocketEndpoint } from './graphql/websocket/handler.ts'
import { clientAddresses } from './http/client-ip.ts'
import { createRefusals } from './http/error-handlers.ts'
import { registerProbes } from './http/health.ts'
import { isLocalHost } from './http/host-check.ts'
import { Metrics } from './http/metrics.ts'
import { OpenConnections } from './http/open-connections.ts'
import { takeJsonBodies } from './http/request-body.ts'
import { RequestGate } from './http/request-gate.ts'
import { requestId } from './http/request-origin.ts'
import { securityHeaders } from './http/security-headers.ts'
import { ClientTimeouts, timeoutOptions } from './http/timeouts.ts'
import { ClientLoads } from './load/client-loads.ts'

/** How long requests that are under way may go on when the server is closed. */
const CLOSING_PATIENCE_MS = 5_000
/** How long a connection on which nothing is asked may stay when the server is closed: a request may be on its way. */
const SILENCE_MS = 250
const SECOND_MS = 1000
const NOT_FOR_US =
  'Where nobody is asked for a token, Hark answers to the name localhost and to numbers alone: make a token, or ask by one of these'

export interface ServerOptions {
  /** The server does not close it. */
  readonly engine: Engine
  readonly logger: Logger
  /** What is wrong with TLS credentials that a manifest names. */
  readonly credentialsWarning?: CredentialsWarning
  /** What this engine does to routers; nothing where it is not given. */
  readonly routers?: () => readonly RouterActivity[]
  /** How the signing of its log goes; where it is not given nobody signs. */
  readonly signing?: () => SigningStatus
  /** Tells who asks; by default nobody is asked. */
  readonly authenticator?: Authenticator
  /** Told from where a token was shown that is not taken. */
  readonly tokenRefused?: (address: string) => void
  readonly limits?: Limits
  /** A certificate and its key, PEM texts, to be reached by TLS alone. */
  readonly tls?: { readonly certificate: string; readonly key: string }
  /** Whether browsers are given GraphiQL; by default where no token is asked for. */
  readonly graphiql?: boolean
  /** Pages of these origins may ask; by default those of no other. */
  readonly corsOrigins?: readonly string[]
  /** How long a connection on which nothing is asked may stay when the server is closed. */
  readonly silenceMs?: number
  /** Proxies, by address or network, that are believed whom they ask for. */
  readonly trustedProxies?: readonly string[]
}

export interface ListenOptions {
  readonly host: string
  /** 0 for any that is free. */
  readonly port: number
}

export interface GraphQLRequest {
  readonly query: string
  readonly variables: object
}

export interface ApiServer {
  /** Answers a GraphQL request of this process through the same pipeline as over HTTP; no port needs to be open. */
  inject(request: GraphQLRequest): Promise<{ readonly status: number; readonly body: unknown }>
  /** Resolves to the URL where it is reached; rejects where host and port cannot be had. */
  listen(options: ListenOptions): Promise<string>
  /** Ends subscriptions, lets requests that are under way finish and no others in, and hangs up on what takes too long. */
  close(): Promise<void>
}

/** Hark's door: GraphQL over HTTP, server-sent events and WebSocket, and what operators ask. */
export const createServer = (options: ServerOptions): ApiServer => {
  const {
    engine,
    logger,
    routers = () => [],
    credentialsWarning = () => undefined,
    signing = () => ({ isSigning: false, signedAt: undefined }),
    authenticator = anonymousAuthenticator,
    tls,
    corsOrigins = [],
    trustedProxies,
    silenceMs = SILENCE_MS,
  } = options
  const metrics = new Metrics({ engine, openSubscriptions: () => subscriptions.count, routers, signing })
  const limits: EnforcedLimits = { ...(options.limits ?? DEFAULT_LIMITS), hit: limit => metrics.countHit(limit) }
  const subscriptions = new OpenSubscriptions(limits)
  const loads = new ClientLoads(limits)
  const turns = new Turns()
  const headers = securityHeaders(tls !== undefined)
  const refusals = createRefusals({ logger, limits, metrics, headers })
  const slowClients = new ClientTimeouts({ limits, headers })
  const app = Fastify({
    ...(tls
      ? { https: { cert: tls.certificate, key: tls.key, ...timeoutOptions(limits) } }
      : { http: timeoutOptions(limits) }),
    bodyLimit: limits.requestBytes,
    requestTimeout: limits.requestSeconds * SECOND_MS,
    keepAliveTimeout: limits.idleSeconds * SECOND_MS,
    // What comes in on an open connection while the server is closing is told so by the door.
    return503OnClosing: false,
    genReqId: ({ headers }: IncomingMessage) => requestId(headers),
    frameworkErrors: refusals.error,
    clientErrorHandler: (error, socket) => slowClients.refuse(error, socket),
  }) as unknown as FastifyInstance
  const door = new RequestGate(authenticator, limits, options.tokenRefused)
  const addressOf = clientAddresses(trustedProxies)
  // A certificate, or a token, is what no page of another site has.
  const isForThisServer = (request: IncomingMessage): boolean =>
    tls !== undefined || door.requiresToken || isLocalHost(request)
  const operations = new Operations(
    createSchema({ engine, metrics, subscriptions, credentialsWarning }),
    limits,
    logger,
  )

  const connections = new OpenConnections()
  slowClients.watch(app.server)
  connections.watch(app.server)
  app.decorateRequest('principal', null)
  app.decorateRequest('place', null)
  takeJsonBodies(app, limits)
  app.setErrorHandler(refusals.error)
  app.setNotFoundHandler(refusals.notFound)
  app.addHook('onRequest', (request, reply, done) => {
    slowClients.heard(request.raw)
    connections.began(request.raw)
    reply.raw.once('close', () => connections.ended(request.raw))
    const begin = (): void => {
      if (reply.raw.closed) return
      reply.headers(headers).header('x-request-id', request.id)
      done(isForThisServer(request.raw) ? undefined : new HarkError('FORBIDDEN', NOT_FOR_US))
    }
    // Thousands of requests may arrive at once: one client's are not all answered, or refused, before another's.
    turns.run(`requests from ${addressOf(request.raw)}`, begin)
  })
  app.addHook('onSend', async ({ raw }, reply, payload) => {
    // Streams see to that themselves, message by message.
    if (!(payload instanceof Readable)) slowClients.mustRead(reply.raw)
    if (connections.isParting && (await connections.isLast(raw))) reply.header('connection', 'close')
    return payload
  })
  if (corsOrigins.length > 0) void app.register(cors, { origin: [...corsOrigins], methods: ['GET', 'POST'] })
  app.addHook('onResponse', (request, reply, done) => {
    const { id, method, routeOptions } = request
    // Without the query: nobody knows what people put there.
    const [path] = request.url.split('?')
    metrics.countRequest(routeOptions.url ?? 'none', reply.statusCode)
    logger.debug({ requestId: id, method, path, status: reply.statusCode, ms: reply.elapsedTime }, 'answered')
    done()
  })

  const hasGraphiql = (): boolean => options.graphiql ?? !door.requiresToken
  registerHttpEndpoint(app, { operations, door, limits, loads, turns, addressOf, hasGraphiql })
  registerProbes(app, engine)
  // They tell of every namespace.
  const mayMeasure = async ({ headers: { authorization }, raw }: FastifyRequest): Promise<void> =>
    requirePermission(await door.authenticate(authorization, addressOf(raw)), 'read', undefined)
  app.get('/metrics', { onRequest: mayMeasure }, async (_: unknown, reply: FastifyReply) =>
    reply.header('content-type', metrics.contentType).send(await metrics.text()),
  )
  app.get('/', (_, reply) => reply.redirect(GRAPHQL_PATH))

  const sockets = openWebSocketEndpoint({
    server: app.server,
    path: GRAPHQL_PATH,
    operations,
    door,
    limits,
    loads,
    turns,
    addressOf,
    isForThisServer,
    origins: corsOrigins,
    logger,
  })

  return {
    inject: async payload => {
      const headers = { host: 'localhost', accept: 'application/json' }
      const response = await app.inject({ method: 'POST', url: GRAPHQL_PATH, headers, payload })
      return { status: response.statusCode, body: response.json() }
    },
    listen: ({ host, port }) => app.listen({ host, port }),
    close: async () => {
      const hangUp = setTimeout(() => {
        sockets.terminate()
        app.server.closeAllConnections()
      }, CLOSING_PATIENCE_MS)
      try {
        door.close()
        subscriptions.endAll()
        // Their readers are told through promises, which are all kept by the next turn of the event loop.
        await nextTurn()
        sockets.close()
        await connections.part(silenceMs)
        await app.close()
      } finally {
        clearTimeout(hangUp)
      }
    },
  }
}
