import type { Delivery, EventContext, Message, Receiver, Sender } from 'rhea'
import { abortable } from '../../lib/abortable.ts'
import type { AmqpConnection } from './connection.ts'
import { type Entity, type Management, RouterUnreachable } from './management.ts'
import { readEntities, readEntity, readStatus } from './management-response.ts'

export interface ManagementOptions {
  /** For how many milliseconds nothing at all is answered until that counts as no answer. */
  readonly timeoutMs: number
  /** Asked right before a CREATE or DELETE leaves; where it says no, that is not sent and rejects. */
  readonly maySend: () => boolean
}

interface Request {
  readonly id: string
  readonly order: number
  readonly properties: Readonly<Record<string, string>>
  readonly body: unknown
  readonly resolve: (answer: Message) => void
  readonly reject: (reason: unknown) => void
  /** Since when it waits for an answer, where those to earlier requests do not count. */
  waitsSince: number
  /** A later request was answered before it: answers to others say no more of when it will be. */
  isPassedOver: boolean
}

/**
 * Requests to a router's `$management`. They leave as the router gives credit for them, in the order they were made, and
 * wait for no answer in between.
 */
export class ManagementClient implements Management {
  readonly #connection: AmqpConnection
  readonly #options: ManagementOptions
  readonly #sender: Sender
  readonly #replyTo: string
  readonly #unsent = new Set<Request>()
  readonly #sent = new Map<string, Request>()
  readonly #deliveries = new WeakMap<Delivery, Request>()
  #requests = 0
  #given = 0
  #answeredAt = 0

  private constructor(connection: AmqpConnection, sender: Sender, receiver: Receiver, options: ManagementOptions) {
    this.#connection = connection
    this.#options = options
    this.#sender = sender
    this.#replyTo = receiver.source.address
    receiver.on('message', ({ message }: EventContext) => message && this.#answered(message))
    sender.on('sendable', () => this.#send())
    for (const outcome of ['released', 'rejected']) {
      sender.on(outcome, ({ delivery }: EventContext) => delivery && this.#notTaken(delivery))
    }
    connection.clock.onTick(() => this.#giveUpOnSilence())
    connection.signal.addEventListener('abort', () => this.#rejectAll(connection.signal.reason), { once: true })
  }

  /** Resolves when the router has opened both links; rejects with RouterUnreachable where it does not. */
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

  async query(type: string, attributeNames: readonly string[] = []): Promise<Entity[]> {
    return readEntities(await this.#ask({ operation: 'QUERY', entityType: type }, { attributeNames }))
  }

  async create(type: string, name: string, attributes: Entity): Promise<Entity> {
    return readEntity(await this.#ask({ operation: 'CREATE', type, name }, attributes))
  }

  async update(type: string, name: string, attributes: Entity): Promise<void> {
    await this.#ask({ operation: 'UPDATE', type, name }, attributes)
  }

  async delete(type: string, name: string): Promise<void> {
    await this.#ask({ operation: 'DELETE', type, name }, undefined)
  }

  async #ask(properties: Request['properties'], body: unknown): Promise<Message> {
    this.#connection.signal.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<Message>()
    this.#requests += 1
    const order = this.#requests
    const waitsSince = this.#connection.clock.now()
    this.#unsent.add({ id: `${order}`, order, properties, body, resolve, reject, waitsSince, isPassedOver: false })
    this.#send()
    const answer = await promise
    readStatus(answer)
    return answer
  }

  /** rhea counts credit down only later, when it writes; so what was given to it since counts as well. */
  #room(): number {
    const { credit, delivery_count: written } = this.#sender as Sender & { credit: number; delivery_count: number }
    return credit - (this.#given - written)
  }

  #send(): void {
    for (const request of this.#unsent) {
      if (this.#room() < 1) return
      this.#unsent.delete(request)
      const { id, properties, body } = request
      if (properties.operation !== 'QUERY' && !this.#options.maySend()) {
        request.reject(new RouterUnreachable('Not sent: this process may not change the router any more'))
        continue
      }
      this.#sent.set(id, request)
      this.#given += 1
      const message = { reply_to: this.#replyTo, correlation_id: id, application_properties: properties, body }
      this.#deliveries.set(this.#sender.send(message), request)
    }
  }

  #answered(message: Message): void {
    const id = message.correlation_id
    const request = typeof id === 'string' ? this.#sent.get(id) : undefined
    // An answer that nobody waits for any more, or never did.
    if (request === undefined) return
    this.#sent.delete(request.id)
    this.#answeredAt = this.#connection.clock.now()
    for (const earlier of this.#sent.values()) {
      if (earlier.order > request.order) break
      if (earlier.isPassedOver) continue
      earlier.isPassedOver = true
      earlier.waitsSince = this.#answeredAt
    }
    request.resolve(message)
  }

  #notTaken(delivery: Delivery): void {
    const request = this.#deliveries.get(delivery)
    if (request === undefined || !this.#sent.delete(request.id)) return
    request.reject(new RouterUnreachable('The router did not take the request: nothing answers for its management'))
  }

  /** A router answers in order: while it answers earlier requests, later ones have not waited in vain. */
  #giveUpOnSilence(): void {
    const { timeoutMs } = this.#options
    const now = this.#connection.clock.now()
    for (const requests of [this.#sent.values(), this.#unsent.values()]) {
      for (const request of requests) {
        const since = request.isPassedOver ? request.waitsSince : Math.max(request.waitsSince, this.#answeredAt)
        if (now - since < timeoutMs) continue
        this.#sent.delete(request.id)
        this.#unsent.delete(request)
        request.reject(new RouterUnreachable(`The router has not answered for ${timeoutMs} ms`))
      }
    }
  }

  #rejectAll(reason: unknown): void {
    for (const { reject } of [...this.#sent.values(), ...this.#unsent]) reject(reason)
    this.#sent.clear()
    this.#unsent.clear()
  }
}
