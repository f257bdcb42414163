import { once } from 'node:events'
import type { AddressInfo, Server, Socket } from 'node:net'
import rhea, { type EventContext, type Message, type Receiver, type Sender } from 'rhea'

/** Responds to a request with any messages, or none. */
export type Reply = (request: Message, send: (message: Partial<Message>) => void, socket: Socket) => void

interface Options {
  /** With client authentication. */
  readonly tls?: { readonly key: string; readonly cert: string; readonly ca: string }
  /** Requires SASL PLAIN. */
  readonly password?: { readonly username: string; readonly password: string }
  readonly reply?: Reply
  /** Requests that the router allows; by default any number. */
  readonly credit?: number
}

const NOTHING = { statusCode: 200, statusDescription: 'OK' }

/** An AMQP server whose management responds as a test wants. It has no VanFlow. */
export class MisbehavingRouter implements AsyncDisposable {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #management: Receiver | undefined
  /** The operations that were received. */
  readonly operations: string[] = []

  private constructor(server: Server) {
    this.#server = server
    server.on('connection', socket => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
      socket.on('error', () => undefined)
    })
  }

  static async start({ tls, password, reply, credit }: Options = {}): Promise<MisbehavingRouter> {
    const container = rhea.create_container({ id: 'misbehaving' })
    const { sasl_server_mechanisms: mechanisms } = container as unknown as {
      sasl_server_mechanisms: Record<string, (...args: never[]) => void>
    }
    if (password === undefined) mechanisms.enable_anonymous?.()
    else {
      const isRight = (username: string, secret: string) =>
        username === password.username && secret === password.password
      mechanisms.enable_plain?.(isRight as never)
    }
    const server = container.listen({
      host: '127.0.0.1',
      port: 0,
      autoaccept: true,
      tcp_no_delay: true,
      ...(password !== undefined && { require_sasl: true }),
      ...(credit !== undefined && { receiver_options: { credit_window: 0 } }),
      ...(tls !== undefined && {
        transport: 'tls',
        ...tls,
        requestCert: true,
        rejectUnauthorized: true,
        enable_sasl_external: true,
      }),
    } as Parameters<typeof container.listen>[0]) as Server
    const router = new MisbehavingRouter(server)
    server.on('tlsClientError', () => undefined)
    await once(server, 'listening')
    const replies = new Map<string, Sender>()
    for (const event of ['error', 'protocol_error', 'connection_error', 'disconnected', 'session_error'])
      container.on(event, () => undefined)
    container.on('sender_open', ({ sender }: EventContext) => {
      const address = sender?.source.address || `reply-${replies.size}`
      sender?.set_source({ address, dynamic: true })
      if (sender !== undefined) replies.set(address, sender)
    })
    container.on('receiver_open', ({ receiver }: EventContext) => {
      receiver?.set_target({ address: receiver.target?.address })
      if (credit === undefined || receiver?.target?.address !== '$management') return
      router.#management = receiver
      receiver.add_credit(credit)
    })
    container.on('message', ({ message, connection }: EventContext) => {
      if (message?.reply_to === undefined) return
      const { operation, entityType } = message.application_properties ?? {}
      // Sent by the session itself.
      if (entityType === 'io.skupper.router.router.address') {
        const body = { attributeNames: ['name'], results: [] }
        replies.get(message.reply_to)?.send({ ...idOf(message), application_properties: NOTHING, body })
        router.addCredit(1)
        return
      }
      router.operations.push(String(operation))
      const send = (answer: Partial<Message>) =>
        replies.get(message.reply_to as string)?.send({ body: null, ...answer })
      reply?.(message, send, (connection as unknown as { socket: Socket }).socket)
    })
    return router
  }

  addCredit(count: number): void {
    this.#management?.add_credit(count)
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy(new Error('the end of the test'))
  }
}

/** The correlation id of a response. */
export const idOf = ({ correlation_id }: Message): Partial<Message> =>
  correlation_id === undefined ? {} : { correlation_id }
