import type { EventContext, Message, Receiver, Sender, Session } from 'rhea'
import { abortable } from '../../lib/abortable.ts'
import type { AmqpConnection } from '../amqp/connection.ts'
import type { Management } from '../amqp/management.ts'
import { VanflowNetwork } from './network.ts'
import type { VanflowSource } from './source.ts'

const BEACONS = 'mc/sfe.all'
/** A router's name for a mobile address has an `M` before it; `sfe.<id>` is where a source is spoken to. */
const ADDRESS_OF_SOURCE = /^Msfe\.(?!all$)(.+)$/
/** A source that has missed a heartbeat may be a router that is coming back as another. */
const MISSED_MS = 3000
/** How often sources are looked for while one is missed. */
const SEARCH_MS = 1000
/** A source that stays away so long is not waited for any more. */
const SEARCH_FOR_MS = 600_000
/** Looking for sources takes no more than this share of the router's time. */
const SEARCH_SHARE = 20
/** Nobody has so many routers: who claims to is kept from taking the memory there is. */
const MOST_SOURCES = 2000
const LONGEST_ID = 255

/** Follows what all routers of the network tell by VanFlow, over one connection to one of them. */
export class VanflowClient {
  readonly network: VanflowNetwork
  readonly #connection: AmqpConnection
  readonly #session: Session
  readonly #management: Management
  readonly #sender: Sender
  readonly #sources = new Map<string, { readonly source: VanflowSource; readonly receiver: Receiver }>()
  /** Sources that are no routers. */
  readonly #others = new Set<string>()
  /** Where FLUSHes wait for credit. */
  readonly #unsent = new Set<string>()
  #isSearching = false
  #searchAt: number

  private constructor(connection: AmqpConnection, management: Management, session: Session, sender: Sender) {
    const now = connection.clock.now()
    this.network = new VanflowNetwork(now)
    this.#connection = connection
    this.#management = management
    this.#session = session
    this.#sender = sender
    this.#searchAt = now
    sender.on('sendable', () => this.#send())
    connection.clock.onTick(() => this.#tick())
  }

  /** Resolves when announcements can be heard; sources are heard of from then on. Rejects with RouterUnreachable. */
  static async open(connection: AmqpConnection, management: Management): Promise<VanflowClient> {
    const session = connection.openSession()
    const sender = session.open_sender({ target: {} })
    const receiver = session.open_receiver({ source: { address: BEACONS } })
    const opened = Promise.all(
      [
        [sender, 'sender_open'],
        [receiver, 'receiver_open'],
      ].map(([link, event]) => new Promise(resolve => (link as Sender).on(event as string, resolve))),
    )
    const client = new VanflowClient(connection, management, session, sender)
    receiver.on('message', ({ message }: EventContext) => client.#announced(message))
    await abortable(opened, connection.signal)
    return client
  }

  #announced(message: Message | undefined): void {
    if (message?.subject !== 'BEACON') return
    const { id, sourceType } = (message.application_properties ?? {}) as Record<string, unknown>
    if (typeof id !== 'string') return
    if (sourceType === 'ROUTER') this.#meet(id)
    else this.#passOver(id)
  }

  /** What is no router tells nothing that is needed here. */
  #passOver(id: string): void {
    if (this.#others.size < MOST_SOURCES) this.#others.add(id)
    this.#part(id)
  }

  #meet(id: string): void {
    if (this.#sources.has(id) || this.network.hasSource(id) || this.#others.has(id)) return
    if (id.length > LONGEST_ID || this.#sources.size >= MOST_SOURCES) return
    const receiver = this.#session.open_receiver({ source: { address: `mc/sfe.${id}` } })
    receiver.on('receiver_open', () => undefined)
    receiver.on('receiver_close', () => undefined)
    const source = this.network.addSource(id, this.#connection.clock.now(), () => {
      this.#unsent.add(id)
      this.#send()
    })
    receiver.on('message', ({ message }: EventContext) => {
      const now = this.#connection.clock.now()
      if (message?.subject === 'HEARTBEAT') source.heartbeat(now)
      else if (message?.subject === 'RECORD' && Array.isArray(message.body)) source.tell(now, message.body)
    })
    this.#sources.set(id, { source, receiver })
  }

  #part(id: string): void {
    const met = this.#sources.get(id)
    if (met === undefined) return
    this.#sources.delete(id)
    this.network.dropSource(id)
    met.receiver.close()
  }

  #send(): void {
    for (const id of this.#unsent) {
      if (!this.#sender.sendable()) return
      this.#unsent.delete(id)
      this.#sender.send({ to: `sfe.${id}`, subject: 'FLUSH', body: null })
    }
  }

  #tick(): void {
    const now = this.#connection.clock.now()
    this.network.tick(now)
    for (const [id, { source }] of this.#sources) if (source.silentForMs(now) > SEARCH_FOR_MS) this.#part(id)
    if (!this.#isSearching && now >= this.#searchAt && this.#isOneMissed(now)) void this.#search()
  }

  #isOneMissed(now: number): boolean {
    // At first it is not known who is there, and the next announcement may be ten seconds away.
    if (!this.network.areAllKnown) return true
    for (const { source } of this.#sources.values()) if (source.silentForMs(now) > MISSED_MS) return true
    return false
  }

  /** The router knows where sources listen before they announce themselves. */
  async #search(): Promise<void> {
    this.#isSearching = true
    const { clock } = this.#connection
    const begun = clock.now()
    try {
      for (const { name } of await this.#management.query('io.skupper.router.router.address', ['name'])) {
        const [, id] = (typeof name === 'string' && ADDRESS_OF_SOURCE.exec(name)) || []
        if (id !== undefined) this.#meet(id)
      }
    } catch {
      // Announcements come all the same; and where the router is gone, the connection says so.
    } finally {
      const now = clock.now()
      this.#searchAt = now + Math.max(SEARCH_MS, (now - begun) * SEARCH_SHARE)
      this.#isSearching = false
    }
  }
}
