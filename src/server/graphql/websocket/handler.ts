import { randomUUID } from 'node:crypto'
import type { IncomingMessage, Server } from 'node:http'
import { CloseCode, handleProtocols } from 'graphql-ws'
import { type WebSocket, WebSocketServer } from 'ws'
import { HarkError } from '../../../../schemas/errors.ts'
import type { Principal } from '../../../auth/roles.ts'
import { startOperationSpan } from '../../../telemetry/operation-span.ts'
import { callerOf } from '../../http/request-origin.ts'
import { GRAPHQL_PATH, type ServerServices } from '../../services.ts'
import { clientKey, OperationContext } from '../context.ts'
import { maskError } from '../mask-error.ts'
import { prepareOperation } from '../operation.ts'
import { ConnectionActivity, keepAlive, POLICY_VIOLATION } from './connection-activity.ts'
import { deferEvents } from './defer-events.ts'
import { Outbox } from './outbox.ts'
import { Session } from './session.ts'

const TRY_AGAIN_LATER = 1013
/** Of the 123 bytes of a close frame. */
const MAX_REASON_LENGTH = 120
const CLOSE_TIMEOUT_MS = 1000
const SECOND_MS = 1000

type ConnectionParams = Readonly<Record<string, unknown>> | undefined

/** Browsers send an Origin; programs send none. */
const isOriginAllowed = (
  origin: string | undefined,
  { headers }: IncomingMessage,
  origins: readonly string[],
): boolean => origin === undefined || URL.parse(origin)?.host === headers.host || origins.includes(origin)

/** Browsers cannot set WebSocket headers, so connection_init may contain the token. */
const authorizationOf = ({ headers }: IncomingMessage, parameters: ConnectionParams): string | undefined => {
  const { authorization = parameters?.Authorization } = parameters ?? {}
  return typeof authorization === 'string' ? authorization : headers.authorization
}

export class WebSocketHandler {
  readonly #services: ServerServices
  readonly #sockets: WebSocketServer
  readonly #activities = new WeakMap<WebSocket, ConnectionActivity>()

  constructor(server: Server, services: ServerServices, origins: readonly string[]) {
    const { limits, logger, isHostAllowed } = services
    this.#services = services
    this.#sockets = new WebSocketServer({
      server,
      path: GRAPHQL_PATH,
      maxPayload: limits.requestBytes,
      handleProtocols,
      verifyClient: ({ origin, req }: { origin?: string; req: IncomingMessage }) =>
        isHostAllowed(req) && isOriginAllowed(origin, req, origins),
    })
    // The HTTP server's owner handles the errors that ws repeats.
    this.#sockets.on('error', error => logger.debug({ reason: error.message }, 'the WebSocket server failed'))
    this.#sockets.on('connection', (socket, request) => this.#connect(socket, request))
  }

  close(): void {
    for (const socket of this.#sockets.clients) this.#activities.get(socket)?.drain()
    this.#sockets.close()
  }

  terminate(): void {
    for (const socket of this.#sockets.clients) socket.terminate()
  }

  #connect(socket: WebSocket, request: IncomingMessage): void {
    const { limits, logger, scheduler } = this.#services
    // Thousands of sockets may close together, and ws and Node.js have work for each.
    deferEvents(request.socket, ['end', 'close'], work => scheduler.run('closed connections', work))
    // ws closes the socket for an oversized or malformed message.
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') limits.hit('requestBytes')
      logger.debug({ reason: error.message }, 'a WebSocket failed')
    })
    if (socket.protocol === '') return socket.close(CloseCode.SubprotocolNotAcceptable, 'Subprotocol not acceptable')
    const outbox = new Outbox(socket, request.socket, limits.answerSeconds * SECOND_MS, () => this.#timeOut(socket))
    const activity = new ConnectionActivity(socket, limits)
    this.#activities.set(socket, activity)
    keepAlive(socket, outbox)
    const session = this.#openSession(socket, request, outbox, activity)
    const initialisation = setTimeout(() => {
      if (session.isInitialised) return
      limits.hit('headersSeconds')
      socket.close(CloseCode.ConnectionInitialisationTimeout, 'Connection initialisation timeout')
    }, limits.headersSeconds * SECOND_MS).unref()
    socket.on('message', (data, isBinary) => {
      // ws verifies that text is UTF-8.
      const bytes = data as Buffer
      session.receive(isBinary ? undefined : String(bytes), bytes.length)
    })
    socket.once('close', () => {
      clearTimeout(initialisation)
      session.end()
    })
  }

  #openSession(socket: WebSocket, request: IncomingMessage, outbox: Outbox, activity: ConnectionActivity): Session {
    const { limits, slots, gate, yoga, logger, clientIp, tracer } = this.#services
    const address = clientIp(request)
    let connection: ConnectionParams
    return new Session({
      outbox,
      limits,
      slots,
      authenticate: parameters => {
        connection = parameters
        return this.#authenticate(socket, request, parameters)
      },
      clientKey: principal => clientKey(principal, address),
      prepare: (operation, principal, signal, slot) => {
        gate.readmit(principal, address)
        const id = randomUUID()
        const fields = { ...connection, ...operation.extensions }
        const span = startOperationSpan(
          tracer,
          { transport: 'WebSocket', path: GRAPHQL_PATH, requestId: id, fields },
          signal,
        )
        const origin = { id, address, userAgent: request.headers['user-agent'], ...(span && { span }) }
        const context = new OperationContext(principal, callerOf(principal, origin), this.#services, signal, slot)
        return prepareOperation(yoga, operation, context)
      },
      maskError: error => maskError(error, { requestId: '' }, logger),
      close: (code, reason) => socket.close(code, reason),
      onOperationStart: () => activity.operationStarted(),
      onOperationEnd: () => activity.operationEnded(),
      onFailure: error => this.#fail(socket, error),
    })
  }

  async #authenticate(
    socket: WebSocket,
    request: IncomingMessage,
    parameters: ConnectionParams,
  ): Promise<Principal | undefined> {
    const { gate, clientIp } = this.#services
    try {
      return await gate.authenticate(authorizationOf(request, parameters), clientIp(request))
    } catch (error) {
      if (error instanceof HarkError) {
        const code = error.code === 'UNAUTHENTICATED' ? CloseCode.Unauthorized : TRY_AGAIN_LATER
        socket.close(code, error.message.slice(0, MAX_REASON_LENGTH))
      } else this.#fail(socket, error)
      return undefined
    }
  }

  #fail(socket: WebSocket, error: unknown): void {
    this.#services.logger.error({ error }, 'a WebSocket message failed unexpectedly')
    socket.close(CloseCode.InternalServerError, 'Internal error')
  }

  #timeOut(socket: WebSocket): void {
    const { limits } = this.#services
    limits.hit('answerSeconds')
    socket.close(POLICY_VIOLATION, `a message was not read for ${limits.answerSeconds} s (limit answerSeconds)`)
    setTimeout(() => socket.terminate(), CLOSE_TIMEOUT_MS).unref()
  }
}
