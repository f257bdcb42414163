import { randomUUID } from 'node:crypto'
import type { IncomingMessage, Server } from 'node:http'
import type { ExecutionArgs } from 'graphql'
import { CloseCode, handleProtocols, makeServer } from 'graphql-ws'
import { type WebSocket, WebSocketServer } from 'ws'
import { HarkError } from '../../schemas/errors.ts'
import type { Principal } from '../auth/roles.ts'
import type { Logger } from '../engine/logger.ts'
import { callerOf } from './caller.ts'
import type { Door } from './door.ts'
import type { EnforcedLimits } from './enforced-limits.ts'
import { OperationContext } from './operation-context.ts'
import type { Operation, Operations } from './operations.ts'
import { SHUTTING_DOWN } from './shutting-down.ts'

/** A client that does not answer within this time is gone. */
const PING_EVERY_MS = 12_000
const GOING_AWAY = 1001
const TRY_AGAIN_LATER = 1013
const POLICY = 1008
/** A reason is to fit into a frame of control. */
const LONGEST_REASON = 120

const SECOND_MS = 1000

export interface WebSocketEndpointOptions {
  readonly server: Server
  readonly path: string
  readonly operations: Operations
  readonly door: Door
  readonly limits: EnforcedLimits
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
const isWelcome = (origin: string | undefined, request: IncomingMessage, origins: readonly string[]): boolean =>
  origin === undefined || URL.parse(origin)?.host === request.headers.host || origins.includes(origin)

/** What the protocol keeps of a connection. */
interface Extra {
  readonly socket: WebSocket
  readonly request: IncomingMessage
  /** Once it has shown who it is. */
  principal?: Principal
}

/** Browsers can send no header with a WebSocket: the protocol's first message stands for it. */
const authorizationOf = (
  { headers }: IncomingMessage,
  parameters: Readonly<Record<string, unknown>> | undefined,
): string | undefined => {
  const { authorization = parameters?.Authorization } = parameters ?? {}
  return typeof authorization === 'string' ? authorization : headers.authorization
}

/** Knows what is under way on a socket, and closes it where nothing has been asked for a while. */
class Occupation {
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

/** Pings a client and gives it up when it does not answer. */
const keepAlive = (socket: WebSocket): void => {
  let answered = true
  const timer = setInterval(() => {
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
  addressOf,
  isForThisServer,
  origins,
  logger,
}: WebSocketEndpointOptions): WebSocketEndpoint => {
  const run = (args: ExecutionArgs) => (args as ExecutionArgs & Pick<Operation, 'run'>).run()

  const occupations = new WeakMap<WebSocket, Occupation>()

  const protocol = makeServer<Record<string, unknown>, Extra>({
    connectionInitWaitTimeout: limits.headersSeconds * SECOND_MS,
    onConnect: async ({ connectionParams, extra }) => {
      try {
        const authorization = authorizationOf(extra.request, connectionParams)
        extra.principal = await door.enter(authorization, addressOf(extra.request))
        return true
      } catch (error) {
        if (!(error instanceof HarkError)) throw error
        extra.socket.close(
          error.code === 'UNAUTHENTICATED' ? CloseCode.Unauthorized : TRY_AGAIN_LATER,
          error.message.slice(0, LONGEST_REASON),
        )
        return false
      }
    },
    onSubscribe: ({ extra }, _id, request) => {
      const [principal, address] = [extra.principal as Principal, addressOf(extra.request)]
      const origin = { id: randomUUID(), address, userAgent: extra.request.headers['user-agent'] }
      const context = new OperationContext(principal, callerOf(principal, origin), limits)
      const operation = operations.prepare(request, context, () => door.comeAgain(principal, address))
      if (!('run' in operation)) return operation
      occupations.get(extra.socket)?.begin()
      return { ...operation.args, run: operation.run }
    },
    onComplete: ({ extra }) => occupations.get(extra.socket)?.end(),
    execute: run,
    subscribe: run,
  })

  const sockets = new WebSocketServer({
    server,
    path,
    maxPayload: limits.requestBytes,
    handleProtocols,
    verifyClient: ({ origin, req }: { origin?: string; req: IncomingMessage }) =>
      isForThisServer(req) && isWelcome(origin, req, origins),
  })

  // Whoever has the server listen is told why it cannot.
  sockets.on('error', error => logger.debug({ reason: error.message }, 'no WebSockets can be taken'))
  sockets.on('connection', (socket, request) => {
    keepAlive(socket)
    occupations.set(socket, new Occupation(socket, limits))
    // A message that is too large, or is none: the socket is closed with the code that says so.
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') limits.hit('requestBytes')
      logger.debug({ reason: error.message }, 'a WebSocket broke')
    })
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: data =>
          new Promise<void>(resolve => {
            if (socket.readyState === socket.OPEN) socket.send(data, () => resolve())
            else resolve()
          }),
        close: (code, reason) => socket.close(code, reason),
        onMessage: take => {
          socket.on('message', data => {
            take(String(data)).catch(error => {
              logger.error({ error }, 'a WebSocket message failed in a way that nobody foresaw')
              socket.close(CloseCode.InternalServerError, 'Internal error')
            })
          })
        },
      },
      { socket, request },
    )
    socket.once('close', (code, reason) => {
      if (code === CloseCode.ConnectionInitialisationTimeout) limits.hit('headersSeconds')
      void closed(code, String(reason))
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
