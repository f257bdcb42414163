import type { IncomingMessage } from 'node:http'
import { Server as HttpsServer } from 'node:https'
import { setImmediate as nextImmediate, setTimeout as sleep } from 'node:timers/promises'
import cors from '@fastify/cors'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { type Authenticator, anonymousAuthenticator } from '../auth/authenticator.ts'
import { requirePermission } from '../auth/roles.ts'
import type { ReloadState } from '../config/file-reloader.ts'
import { DEFAULT_LIMITS, type Limits } from '../config/limits.ts'
import type { RouterActivity } from '../controller/stats.ts'
import type { Engine } from '../engine/engine.ts'
import type { SigningStatus } from '../integrity/checkpoints/checkpointer.ts'
import type { LastCheckpoint } from '../integrity/checkpoints/last-checkpoint.ts'
import { CooperativeScheduler } from '../lib/cooperative-scheduler.ts'
import type { Logger } from '../lib/logger.ts'
import type { Tracer } from '../telemetry/tracing.ts'
import { registerHttpHandler } from './graphql/http-handler.ts'
import type { CredentialsWarning } from './graphql/resolvers/shared.ts'
import { SseHandler } from './graphql/sse/handler.ts'
import { OpenSubscriptions } from './graphql/subscription-registry.ts'
import { WebSocketHandler } from './graphql/websocket/handler.ts'
import { createYoga } from './graphql/yoga.ts'
import { registerAdmission } from './http/admission.ts'
import { ConnectionDraining } from './http/connection-draining.ts'
import { registerConsole } from './http/console.ts'
import { createErrorHandlers } from './http/error-handlers.ts'
import { registerHealth } from './http/health.ts'
import { Metrics } from './http/metrics.ts'
import type { DatabaseFiles } from './http/metrics-process.ts'
import { registerJsonBodies } from './http/request-body.ts'
import { RequestGate } from './http/request-gate.ts'
import { registerRequestHooks, registerRequestLog } from './http/request-hooks.ts'
import { createClientIp, hasLocalHost, requestId } from './http/request-origin.ts'
import { registerRequestSpans } from './http/request-spans.ts'
import { securityHeaders } from './http/security-headers.ts'
import { ClientTimeouts, timeoutOptions } from './http/timeouts.ts'
import { ReplaceableTls, type ServerTls } from './http/tls.ts'
import type { EnforcedLimits } from './limits.ts'
import { OperationSlots } from './operation-slots.ts'
import { GRAPHQL_PATH, type ServerServices } from './services.ts'

const CLOSE_TIMEOUT_MS = 5_000
/** A request may be in transit on an idle connection. */
const IDLE_MS = 250
const SECOND_MS = 1000

export interface ServerOptions {
  readonly engine: Engine
  readonly logger: Logger
  readonly credentialsWarning?: CredentialsWarning
  readonly routers?: () => readonly RouterActivity[]
  readonly signing?: () => SigningStatus
  readonly lastCheckpoint?: () => Promise<LastCheckpoint | undefined>
  /** Without it, clients are anonymous and have all permissions. */
  readonly authenticator?: Authenticator
  readonly onRejectedToken?: (address: string) => void
  readonly limits?: Limits
  /** PEM texts; the server then accepts TLS only. */
  readonly tls?: ServerTls
  readonly reloads?: () => readonly ReloadState[]
  /** The default is true if no authentication is required. */
  readonly graphiql?: boolean
  readonly corsOrigins?: readonly string[]
  readonly consoleFolder?: string
  /** 0, the default, for none. */
  readonly listenerMetrics?: number
  readonly databaseFiles?: DatabaseFiles
  readonly idleMs?: number
  /** Addresses or networks of proxies whose `x-forwarded-for` is trusted. */
  readonly trustedProxies?: readonly string[]
  readonly tracer?: Tracer | undefined
}

interface ListenOptions {
  readonly host: string
  readonly port: number
}

interface GraphQLRequest {
  readonly query: string
  readonly variables: object
}

export interface ApiServer {
  inject(request: GraphQLRequest): Promise<{ readonly status: number; readonly body: unknown }>
  listen(options: ListenOptions): Promise<string>
  /**
   * For new connections; open ones stay.
   *
   * @throws Error if they are not a certificate and its key, or the server has no TLS
   */
  replaceTls(tls: ServerTls): void
  /** Waits up to five seconds for requests in progress. */
  close(): Promise<void>
}

const createServices = (options: ServerOptions): ServerServices => {
  const { engine, logger, credentialsWarning = () => undefined, tls, trustedProxies } = options
  const { signing = () => ({ isSigning: false, signedAt: undefined }), lastCheckpoint = async () => undefined } =
    options
  const metrics = new Metrics({
    engine,
    openSubscriptions: () => subscriptions.count,
    routers: options.routers ?? (() => []),
    signing,
    logger,
    mostListeners: options.listenerMetrics ?? 0,
    databaseFiles: options.databaseFiles,
    reloads: options.reloads ?? (() => []),
  })
  const limits: EnforcedLimits = { ...(options.limits ?? DEFAULT_LIMITS), hit: limit => metrics.countHit(limit) }
  const subscriptions = new OpenSubscriptions(limits)
  const gate = new RequestGate(options.authenticator ?? anonymousAuthenticator, limits, options.onRejectedToken)
  const hasGraphiql = () => options.graphiql ?? !gate.requiresToken
  return {
    engine,
    logger,
    tracer: options.tracer,
    limits,
    metrics,
    gate,
    slots: new OperationSlots(limits),
    scheduler: new CooperativeScheduler(),
    subscriptions,
    hasGraphiql,
    yoga: createYoga({
      engine,
      metrics,
      subscriptions,
      credentialsWarning,
      limits,
      gate,
      hasGraphiql,
      requiresToken: () => gate.requiresToken,
      signing,
      lastCheckpoint,
    }),
    clientIp: createClientIp(trustedProxies),
    isHostAllowed: request => tls !== undefined || gate.requiresToken || hasLocalHost(request),
  }
}

const noSchema = () => {
  throw new Error('routes have no schemas')
}
/** The default ones are loaded even if no route has a schema. */
const schemaController = { compilersFactory: { buildValidator: noSchema, buildSerializer: noSchema } }

const createApp = (
  tls: ReplaceableTls | undefined,
  { limits }: ServerServices,
  onError: ReturnType<typeof createErrorHandlers>['onError'],
  timeouts: ClientTimeouts,
): FastifyInstance =>
  Fastify({
    ...(tls ? { https: { ...tls.options, ...timeoutOptions(limits) } } : { http: timeoutOptions(limits) }),
    schemaController,
    bodyLimit: limits.requestBytes,
    requestTimeout: limits.requestSeconds * SECOND_MS,
    keepAliveTimeout: limits.idleSeconds * SECOND_MS,
    // The request gate responds while the server closes.
    return503OnClosing: false,
    genReqId: ({ headers }: IncomingMessage) => requestId(headers),
    frameworkErrors: onError,
    clientErrorHandler: (error, socket) => timeouts.onClientError(error, socket),
  }) as unknown as FastifyInstance

/** Metrics cover every namespace, so they require a role in all of them. */
const registerMetrics = (app: FastifyInstance, { metrics, gate, clientIp }: ServerServices): void => {
  const onRequest = async ({ headers: { authorization }, raw }: FastifyRequest): Promise<void> =>
    requirePermission(await gate.authenticate(authorization, clientIp(raw)), 'read', undefined)
  app.get('/metrics', { onRequest }, async (_, reply) =>
    reply.header('content-type', metrics.contentType).send(await metrics.text()),
  )
}

export const createServer = (options: ServerOptions): ApiServer => {
  const { corsOrigins = [], idleMs = IDLE_MS } = options
  const tls = options.tls && new ReplaceableTls(options.tls)
  const services = createServices(options)
  const { gate, limits, subscriptions } = services
  const headers = securityHeaders(tls !== undefined)
  const { onError, onNotFound } = createErrorHandlers({ ...services, headers })
  const timeouts = new ClientTimeouts(limits, headers)
  const connections = new ConnectionDraining(idleMs)

  const app = createApp(tls, services, onError, timeouts)
  app.setErrorHandler(onError)
  app.setNotFoundHandler(onNotFound)
  registerJsonBodies(app, limits)
  timeouts.register(app)
  connections.register(app)
  registerRequestSpans(app, services.tracer)
  registerRequestHooks(app, services, headers)
  registerRequestLog(app, services)
  if (corsOrigins.length > 0)
    void app.register(cors, { origin: [...corsOrigins], methods: ['GET', 'POST', 'PUT', 'DELETE'] })
  registerAdmission(app)
  registerHttpHandler(app, services)
  const sse = new SseHandler(app, services)
  registerHealth(app, services.engine)
  registerMetrics(app, services)
  registerConsole(app, options.consoleFolder)
  const webSockets = new WebSocketHandler(app.server, services, corsOrigins)

  return {
    inject: async payload => {
      const headers = { host: 'localhost', accept: 'application/json' }
      const response = await app.inject({ method: 'POST', url: GRAPHQL_PATH, headers, payload })
      return { status: response.statusCode, body: response.json() }
    },
    listen: ({ host, port }) => app.listen({ host, port }),
    replaceTls: next => {
      if (tls === undefined || !(app.server instanceof HttpsServer)) throw new Error('the server has no TLS')
      tls.replace(app.server, next)
    },
    close: async () => {
      const timeout = setTimeout(() => {
        webSockets.terminate()
        app.server.closeAllConnections()
      }, CLOSE_TIMEOUT_MS)
      try {
        gate.close()
        subscriptions.close()
        // Last messages travel through promises, which have settled by then.
        await nextImmediate()
        webSockets.close()
        sse.close()
        // Clients that connect meanwhile get a response.
        if (connections.start(app.server)) await sleep(idleMs)
        await app.close()
      } finally {
        clearTimeout(timeout)
      }
    },
  }
}
