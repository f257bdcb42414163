import type { Delivery, EventContext, Message, Receiver, Sender } from 'rhea'
import { abortable } from '../../lib/abortable.ts'
import type { AmqpConnection } from './connection.ts'
import { type Entity, type Management, RouterUnreachable } from './management.ts'
import { readEntities, readEntity, readStatus } from './management-response.ts'

export interface ManagementOptions {
  /** Milliseconds without any response after which a request fails. */
  readonly timeoutMs: number
  readonly maySend: () => boolean
}

interface Request {
  readonly id: string
  readonly order: number
  readonly properties: Readonly<Record<string, string>>
  readonly body: unknown
  readonly resolve: (response: Message) => void
  readonly reject: (reason: unknown) => void
  waitsSince: number
  isPassedOver: boolean
}

/** Sends in order, limited by the router's credit, without waiting for responses. */
export class ManagementClient implements Management {
  readonly #connection: AmqpConnection
  readonly #options: ManagementOptions
  readonly #sender: Sender
  readonly #replyTo: string
  readonly #unsent = new Set<Request>()
  readonly #sent = new Map<string, Request>()
  readonly #deliveries = new WeakMap<Delivery, Request>()
  #requests = 0
  #handedOver = 0
  #respondedAt = 0

  private constructor(connection: AmqpConnection, sender: Sender, receiver: Receiver, options: ManagementOptions) {
    this.#connection = connection
    this.#options = options
    this.#sender = sender
    this.#replyTo = receiver.source.address
    receiver.on('message', ({ message }: EventContext) => message && this.#onResponse(message))
    sender.on('sendable', () => this.#send())
    for (const outcome of ['released', 'rejected']) {
      sender.on(outcome, ({ delivery }: EventContext) => delivery && this.#onUndelivered(delivery))
    }
    connection.clock.onTick(() => this.#rejectLate())
    connection.signal.addEventListener('abort', () => this.#rejectAll(connection.signal.reason), { once: true })
  }

  static async open(connection: AmqpConnection, options: ManagementOptions): Promise<ManagementClient> {
    const session = connection.openSession()
    const receiver = session.open_receiver({ source: { address: '', dynamic: true } })
    const sender = session.open_sender({ target: { address: '$management' } })
    const opened = Promise.all([
      new Promise<void>(resolve => receiver.on('receiver_open', () => receiver.source?.address && resolve())),
      new Promise<void>(resolve => sender.on('sender_open', () => sender.target?.address && resolve())),
    ])
    await abortable(opened, connection.signal)
    return new ManagementClient(connection, sender, receiver, options)
  }

  async query(type: string, attributeNames: readonly string[] = []): Promise<readonly Entity[]> {
    return readEntities(await this.#request({ operation: 'QUERY', entityType: type }, { attributeNames }))
  }

  async create(type: string, name: string, attributes: Entity): Promise<Entity> {
    return readEntity(await this.#request({ operation: 'CREATE', type, name }, attributes))
  }

  async update(type: string, name: string, attributes: Entity): Promise<void> {
    await this.#request({ operation: 'UPDATE', type, name }, attributes)
  }

  async delete(type: string, name: string): Promise<void> {
    await this.#request({ operation: 'DELETE', type, name }, undefined)
  }

  async #request(properties: Request['properties'], body: unknown): Promise<Message> {
    this.#connection.signal.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<Message>()
    this.#requests += 1
    const order = this.#requests
    const waitsSince = this.#connection.clock.now()
    this.#unsent.add({ id: `${order}`, order, properties, body, resolve, reject, waitsSince, isPassedOver: false })
    this.#send()
    const response = await promise
    readStatus(response)
    return response
  }

  /** rhea reduces its credit only when it writes, so messages handed over since then count too. */
  #credit(): number {
    const { credit, delivery_count: written } = this.#sender as Sender & { credit: number; delivery_count: number }
    return credit - (this.#handedOver - written)
  }

  #send(): void {
    for (const request of this.#unsent) {
      if (this.#credit() < 1) return
      this.#unsent.delete(request)
      const { id, properties, body } = request
      if (properties.operation !== 'QUERY' && !this.#options.maySend()) {
        request.reject(new RouterUnreachable('Not sent: this process may not change the router any more'))
        continue
      }
      this.#sent.set(id, request)
      this.#handedOver += 1
      const message = { reply_to: this.#replyTo, correlation_id: id, application_properties: properties, body }
      this.#deliveries.set(this.#sender.send(message), request)
    }
  }

  #onResponse(message: Message): void {
    const id = message.correlation_id
    const request = typeof id === 'string' ? this.#sent.get(id) : undefined
    if (request === undefined) return
    this.#sent.delete(request.id)
    this.#respondedAt = this.#connection.clock.now()
    for (const earlier of this.#sent.values()) {
      if (earlier.order > request.order) break
      if (earlier.isPassedOver) continue
      earlier.isPassedOver = true
      earlier.waitsSince = this.#respondedAt
    }
    request.resolve(message)
  }

  #onUndelivered(delivery: Delivery): void {
    const request = this.#deliveries.get(delivery)
    if (request === undefined || !this.#sent.delete(request.id)) return
    request.reject(new RouterUnreachable('The router did not accept the request: its management does not respond'))
  }

  /** A router responds in order: later requests are not late while it responds to earlier ones. */
  #rejectLate(): void {
    const { timeoutMs } = this.#options
    const now = this.#connection.clock.now()
    for (const requests of [this.#sent.values(), this.#unsent.values()]) {
      for (const request of requests) {
        const since = request.isPassedOver ? request.waitsSince : Math.max(request.waitsSince, this.#respondedAt)
        if (now - since < timeoutMs) continue
        this.#sent.delete(request.id)
        this.#unsent.delete(request)
        request.reject(new RouterUnreachable(`The router has not responded for ${timeoutMs} ms`))
      }
    }
  }

  #rejectAll(reason: unknown): void {
    for (const { reject } of [...this.#sent.values(), ...this.#unsent]) reject(reason)
    this.#sent.clear()
    this.#unsent.clear()
  }
}
