import { randomUUID } from 'node:crypto'
import type { IncomingMessage, Server } from 'node:http'
import type { ExecutionArgs } from 'graphql'
import { CloseCode, handleProtocols, makeServer } from 'graphql-ws'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Logger } from '../engine/logger.ts'
import { callerOf } from './caller.ts'
import { OperationContext } from './operation-context.ts'
import type { Operation, Operations } from './operations.ts'

/** A client that does not answer within this time is gone. */
const PING_EVERY_MS = 12_000
const GOING_AWAY = 1001

export interface WebSocketEndpointOptions {
  readonly server: Server
  readonly path: string
  readonly maxBytes: number
  readonly operations: Operations
  readonly logger: Logger
}

export interface WebSocketEndpoint {
  /** Takes leave of every client, and takes no more. */
  close(): void
  /** Hangs up on those who have not left by themselves. */
  terminate(): void
}

/** A browser tells which page opens a socket; one of another site's has no business here, and programs have no page. */
const isSameSite = (origin: string | undefined, request: IncomingMessage): boolean => {
  if (origin === undefined) return true
  return URL.parse(origin)?.host === request.headers.host
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
  maxBytes,
  operations,
  logger,
}: WebSocketEndpointOptions): WebSocketEndpoint => {
  const run = (args: ExecutionArgs) => (args as ExecutionArgs & Pick<Operation, 'run'>).run()

  const protocol = makeServer({
    onSubscribe: (_, _id, request) => {
      const operation = operations.prepare(request, new OperationContext(callerOf(randomUUID())))
      return 'run' in operation ? { ...operation.args, run: operation.run } : operation
    },
    execute: run,
    subscribe: run,
  })

  const sockets = new WebSocketServer({
    server,
    path,
    maxPayload: maxBytes,
    handleProtocols,
    verifyClient: ({ origin, req }: { origin?: string; req: IncomingMessage }) => isSameSite(origin, req),
  })

  // Whoever has the server listen is told why it cannot.
  sockets.on('error', error => logger.debug({ reason: error.message }, 'no WebSockets can be taken'))
  sockets.on('connection', (socket, request) => {
    keepAlive(socket)
    // A message that is too large, or is none: the socket is closed with the code that says so.
    socket.on('error', error => logger.debug({ reason: error.message }, 'a WebSocket broke'))
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
    socket.once('close', (code, reason) => void closed(code, String(reason)))
  })

  return {
    close: () => {
      for (const socket of sockets.clients) socket.close(GOING_AWAY, 'The server is shutting down')
      sockets.close()
    },
    terminate: () => {
      for (const socket of sockets.clients) socket.terminate()
    },
  }
}
