import { randomUUID } from 'node:crypto'
import type { IncomingMessage, Server } from 'node:http'
import { CloseCode, handleProtocols } from 'graphql-ws'
import { type WebSocket, WebSocketServer } from 'ws'
import { HarkError } from '../../../../schemas/errors.ts'
import type { Principal } from '../../../auth/roles.ts'
import type { Logger } from '../../../lib/logger.ts'
import type { Turns } from '../../../lib/turns.ts'
import type { EnforcedLimits } from '../../enforced-limits.ts'
import type { RequestGate } from '../../http/request-gate.ts'
import { callerOf } from '../../http/request-origin.ts'
import { SHUTTING_DOWN } from '../../http/shutting-down.ts'
import type { ClientLoads } from '../../load/client-loads.ts'
import { clientOf, OperationContext } from '../context.ts'
import type { Operations } from '../execute.ts'
import { contractError } from '../masked-errors.ts'
import { readMessage } from './message.ts'
import { Outbox } from './outbox.ts'
import { Session } from './session.ts'

/** A client that does not answer within this time is gone. */
const PING_EVERY_MS = 12_000
const GOING_AWAY = 1001
const TRY_AGAIN_LATER = 1013
const POLICY = 1008
/** A reason is to fit into a frame of control. */
const LONGEST_REASON = 120
/** How long a client that is parted with has to read why. */
const FAREWELL_MS = 1000

const SECOND_MS = 1000

export interface WebSocketEndpointOptions {
  readonly server: Server
  readonly path: string
  readonly operations: Operations
  readonly door: RequestGate
  readonly limits: EnforcedLimits
  readonly loads: ClientLoads
  readonly turns: Turns
  /** Of whom a client is, where a proxy stands between. */
  readonly addressOf: (request: IncomingMessage) => string
  /** Whether a request came here by a name that leads here. */
  readonly isForThisServer: (request: IncomingMessage) => boolean
  /** Pages of other sites that may open a socket. */
  readonly origins: readonly string[]
  readonly logger: Logger
}

export interface WebSocketEndpoint {
  /** Takes leave of every client as soon as what it asked for before is answered, and takes no more. */
  close(): void
  /** Hangs up on those who have not left by themselves. */
  terminate(): void
}

/** A browser tells which page opens a socket; one of another site's has no business here, and programs have no page. */
const isAllowedOrigin = (origin: string | undefined, request: IncomingMessage, origins: readonly string[]): boolean =>
  origin === undefined || URL.parse(origin)?.host === request.headers.host || origins.includes(origin)

/** Browsers can send no header with a WebSocket: the protocol's first message stands for it. */
const authorizationOf = (
  { headers }: IncomingMessage,
  parameters: Readonly<Record<string, unknown>> | undefined,
): string | undefined => {
  const { authorization = parameters?.Authorization } = parameters ?? {}
  return typeof authorization === 'string' ? authorization : headers.authorization
}

/** Knows what is under way on a socket, and closes it where nothing has been asked for a while. */
class ConnectionActivity {
  readonly #socket: WebSocket
  readonly #limits: EnforcedLimits
  #operations = 0
  #isLeaving = false
  #timer: NodeJS.Timeout | undefined

  constructor(socket: WebSocket, limits: EnforcedLimits) {
    this.#socket = socket
    this.#limits = limits
    this.#wait()
    socket.once('close', () => clearTimeout(this.#timer))
  }

  begin(): void {
    this.#operations += 1
    clearTimeout(this.#timer)
  }

  end(): void {
    this.#operations -= 1
    if (this.#operations > 0 || this.#socket.readyState !== this.#socket.OPEN) return
    if (this.#isLeaving) this.#leave()
    else this.#wait()
  }

  /** Closes the socket once nothing is under way on it. */
  leaveWhenDone(): void {
    this.#isLeaving = true
    if (this.#operations === 0) this.#leave()
  }

  #leave(): void {
    // That an operation is over is told after this hears of it.
    setImmediate(() => this.#socket.close(GOING_AWAY, SHUTTING_DOWN))
  }

  #wait(): void {
    this.#timer = setTimeout(() => {
      this.#limits.hit('idleSeconds')
      this.#socket.close(POLICY, `Nothing was asked for ${this.#limits.idleSeconds} s (limit idleSeconds)`)
    }, this.#limits.idleSeconds * SECOND_MS).unref()
  }
}

/** Pings a client and gives it up when it does not answer. One that has something else to read first is not asked. */
const keepAlive = (socket: WebSocket, outbox: Outbox): void => {
  let answered = true
  const timer = setInterval(() => {
    if (outbox.isUnread) return
    if (!answered) return socket.terminate()
    answered = false
    socket.ping()
  }, PING_EVERY_MS)
  socket.on('pong', () => {
    answered = true
  })
  socket.once('close', () => clearInterval(timer))
}

/** GraphQL over WebSocket, by the protocol graphql-transport-ws. */
export const openWebSocketEndpoint = ({
  server,
  path,
  operations,
  door,
  limits,
  loads,
  turns,
  addressOf,
  isForThisServer,
  origins,
  logger,
}: WebSocketEndpointOptions): WebSocketEndpoint => {
  const occupations = new WeakMap<WebSocket, ConnectionActivity>()

  /** Lets a client in, or closes its socket with the reason why not. */
  const enter = async (
    socket: WebSocket,
    request: IncomingMessage,
    parameters: Readonly<Record<string, unknown>> | undefined,
  ): Promise<Principal | undefined> => {
    try {
      return await door.authenticate(authorizationOf(request, parameters), addressOf(request))
    } catch (error) {
      if (error instanceof HarkError) {
        const code = error.code === 'UNAUTHENTICATED' ? CloseCode.Unauthorized : TRY_AGAIN_LATER
        socket.close(code, error.message.slice(0, LONGEST_REASON))
      } else fail(socket, error)
      return undefined
    }
  }

  const fail = (socket: WebSocket, error: unknown): void => {
    logger.error({ error }, 'a WebSocket message failed in a way that nobody foresaw')
    socket.close(CloseCode.InternalServerError, 'Internal error')
  }

  const giveUp = (socket: WebSocket): void => {
    limits.hit('answerSeconds')
    socket.close(POLICY, `A message was not read for ${limits.answerSeconds} s (limit answerSeconds)`)
    setTimeout(() => socket.terminate(), FAREWELL_MS).unref()
  }

  const openSession = (
    socket: WebSocket,
    request: IncomingMessage,
    outbox: Outbox,
    occupation: ConnectionActivity,
  ): Session => {
    const address = addressOf(request)
    return new Session({
      outbox,
      limits,
      loads,
      enter: parameters => enter(socket, request, parameters),
      clientOf: principal => clientOf(principal, address),
      prepare: (asked, principal, signal) => {
        const origin = { id: randomUUID(), address, userAgent: request.headers['user-agent'] }
        const context = new OperationContext(principal, callerOf(principal, origin), { limits, turns }, signal)
        return operations.prepare(asked, context, () => door.readmit(principal, address))
      },
      refusal: error => contractError(error, '', logger),
      turn: principal => turns.next(`${clientOf(principal, address)} is told`),
      close: (code, reason) => socket.close(code, reason),
      began: () => occupation.begin(),
      ended: () => occupation.end(),
      failed: error => fail(socket, error),
    })
  }

  const sockets = new WebSocketServer({
    server,
    path,
    maxPayload: limits.requestBytes,
    handleProtocols,
    verifyClient: ({ origin, req }: { origin?: string; req: IncomingMessage }) =>
      isForThisServer(req) && isAllowedOrigin(origin, req, origins),
  })

  // Whoever has the server listen is told why it cannot.
  sockets.on('error', error => logger.debug({ reason: error.message }, 'no WebSockets can be taken'))
  sockets.on('connection', (socket, request) => {
    // A message that is too large, or is none: the socket is closed with the code that says so.
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') limits.hit('requestBytes')
      logger.debug({ reason: error.message }, 'a WebSocket broke')
    })
    if (socket.protocol === '') return socket.close(CloseCode.SubprotocolNotAcceptable, 'Subprotocol not acceptable')
    const outbox = new Outbox(socket, request.socket, limits.answerSeconds * SECOND_MS, () => giveUp(socket))
    const occupation = new ConnectionActivity(socket, limits)
    const session = openSession(socket, request, outbox, occupation)
    occupations.set(socket, occupation)
    keepAlive(socket, outbox)
    const initialisation = setTimeout(() => {
      if (session.isInitialised) return
      limits.hit('headersSeconds')
      socket.close(CloseCode.ConnectionInitialisationTimeout, 'Connection initialisation timeout')
    }, limits.headersSeconds * SECOND_MS).unref()
    socket.on('message', (data, isBinary) => {
      // Of a text message the library has made sure that it is UTF-8: else it closes the socket with 1007.
      const bytes = data as Buffer
      session.take(isBinary ? undefined : readMessage(String(bytes)), bytes.length)
    })
    socket.once('close', () => {
      clearTimeout(initialisation)
      // Thousands of sockets may close at once.
      turns.run('closed connections', () => session.closed())
    })
  })

  return {
    close: () => {
      for (const socket of sockets.clients) occupations.get(socket)?.leaveWhenDone()
      sockets.close()
    },
    terminate: () => {
      for (const socket of sockets.clients) socket.terminate()
    },
  }
}
