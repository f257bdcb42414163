import { once } from 'node:events'
import type { AddressInfo, Server, Socket } from 'node:net'
import rhea, { type Container, type EventContext, type Message, type Sender } from 'rhea'
import { retryWhilePortInUse } from '../lib/retry.ts'

/** A router grants as many messages. */
const CREDIT = 250
const MAX_FRAME_SIZE = 16_384
const IDLE_TIMEOUT_MS = 16_000

interface AmqpServerOptions {
  readonly id: string
  readonly port: number
  /** False releases the message. */
  readonly onMessage: (address: string, message: Message) => boolean
  readonly onSubscribersChanged: () => void
}

export class AmqpServer {
  readonly #options: AmqpServerOptions
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #containers = new Set<string>()
  readonly #subscribers = new Map<string, Set<Sender>>()
  #replyAddresses = 0

  private constructor(options: AmqpServerOptions) {
    this.#options = options
    const container = rhea.create_container({ id: options.id })
    const { sasl_server_mechanisms: mechanisms } = container as unknown as {
      sasl_server_mechanisms: { enable_anonymous(): void }
    }
    mechanisms.enable_anonymous()
    this.#server = container.listen({
      host: '127.0.0.1',
      port: options.port,
      credit_window: CREDIT,
      autoaccept: false,
      max_frame_size: MAX_FRAME_SIZE,
      idle_time_out: IDLE_TIMEOUT_MS,
      tcp_no_delay: true,
    } as Parameters<Container['listen']>[0]) as Server
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
    this.#serve(container)
  }

  static start(options: AmqpServerOptions): Promise<AmqpServer> {
    return retryWhilePortInUse(async () => {
      const server = new AmqpServer(options)
      await once(server.#server, 'listening')
      return server
    })
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get containers(): Iterable<string> {
    return this.#containers
  }

  get addresses(): Iterable<string> {
    return this.#subscribers.keys()
  }

  send(address: string, message: Message): void {
    for (const sender of this.#subscribers.get(address) ?? []) sender.send(message)
  }

  dropClients(reason: string): void {
    // With an error, because rhea then stops its timers.
    for (const socket of this.#sockets) socket.destroy(new Error(reason))
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.dropClients('the router was killed')
    await closed
  }

  #serve(container: Container): void {
    for (const event of ['error', 'protocol_error', 'connection_error', 'disconnected', 'session_error']) {
      container.on(event, () => undefined)
    }
    container.on('connection_open', ({ connection }: EventContext) => {
      const { container_id: id } = connection
      this.#containers.add(id)
      for (const event of ['disconnected', 'connection_close']) connection.on(event, () => this.#containers.delete(id))
    })
    container.on('sender_open', ({ sender }: EventContext) => sender && this.#subscribe(sender))
    container.on('receiver_open', ({ receiver }: EventContext) => {
      receiver?.set_target({ address: receiver.target?.address })
    })
    container.on('message', ({ message, delivery, receiver }: EventContext) => {
      if (message === undefined || delivery === undefined) return
      const address = receiver?.target?.address || message.to
      if (address !== undefined && this.#options.onMessage(address, message)) delivery.accept()
      else delivery.release({ undeliverable_here: true })
    })
  }

  #subscribe(sender: Sender): void {
    const { source } = sender
    if (source.dynamic) this.#replyAddresses += 1
    const address = source.dynamic ? `amqp:/_topo/0/${this.#options.id}/temp.${this.#replyAddresses}` : source.address
    sender.set_source({ address, ...(source.dynamic && { dynamic: true }) })
    const senders = this.#subscribers.get(address) ?? new Set()
    this.#subscribers.set(address, senders.add(sender))
    const remove = () => {
      senders.delete(sender)
      if (senders.size === 0) this.#subscribers.delete(address)
      this.#options.onSubscribersChanged()
    }
    sender.on('sender_close', remove)
    sender.connection.on('disconnected', remove)
    sender.connection.on('connection_close', remove)
    this.#options.onSubscribersChanged()
  }
}
