import type { EventContext, Message, Receiver, Sender, Session } from 'rhea'
import { abortable } from '../../lib/abortable.ts'
import type { AmqpConnection } from '../amqp/connection.ts'
import type { Management } from '../amqp/management.ts'
import { VanflowNetwork } from './network.ts'
import type { RecordPart } from './record.ts'
import type { VanflowSource } from './source.ts'

const BEACONS = 'mc/sfe.all'
/** `M` is the router's prefix of mobile addresses, such as the source's `sfe.<id>`. */
const SOURCE_ADDRESS = /^Msfe\.(?!all$)(.+)$/
const MISSED_MS = 3000
const SEARCH_MS = 1000
const REMOVE_AFTER_MS = 600_000
/** The divisor of the router's time that searches may take. */
const SEARCH_SHARE = 20
const MOST_SOURCES = 2000
const LONGEST_ID = 255

export class VanflowClient {
  readonly network: VanflowNetwork
  readonly #connection: AmqpConnection
  readonly #session: Session
  readonly #management: Management
  readonly #sender: Sender
  readonly #sources = new Map<string, { readonly source: VanflowSource; readonly receiver: Receiver }>()
  readonly #ignored = new Set<string>()
  readonly #unsent = new Set<string>()
  #isSearching = false
  #searchAt: number

  private constructor(
    connection: AmqpConnection,
    management: Management,
    session: Session,
    sender: Sender,
    onInvalid?: (source: string, part: RecordPart) => void,
  ) {
    const now = connection.clock.now()
    this.network = new VanflowNetwork(now, onInvalid)
    this.#connection = connection
    this.#management = management
    this.#session = session
    this.#sender = sender
    this.#searchAt = now
    sender.on('sendable', () => this.#sendFlushes())
    connection.clock.onTick(() => this.#tick())
  }

  /** @param onInvalid called for the first record of each source that is not UTF-8 */
  static async open(
    connection: AmqpConnection,
    management: Management,
    onInvalid?: (source: string, part: RecordPart) => void,
  ): Promise<VanflowClient> {
    const session = connection.openSession()
    const sender = session.open_sender({ target: {} })
    const receiver = session.open_receiver({ source: { address: BEACONS } })
    const opened = Promise.all(
      [
        [sender, 'sender_open'],
        [receiver, 'receiver_open'],
      ].map(([link, event]) => new Promise(resolve => (link as Sender).on(event as string, resolve))),
    )
    const client = new VanflowClient(connection, management, session, sender, onInvalid)
    receiver.on('message', ({ message }: EventContext) => client.#onBeacon(message))
    await abortable(opened, connection.signal)
    return client
  }

  #onBeacon(message: Message | undefined): void {
    if (message?.subject !== 'BEACON') return
    const { id, sourceType } = (message.application_properties ?? {}) as Record<string, unknown>
    if (typeof id !== 'string') return
    if (sourceType === 'ROUTER') this.#add(id)
    else this.#ignore(id)
  }

  #ignore(id: string): void {
    if (this.#ignored.size < MOST_SOURCES) this.#ignored.add(id)
    this.#remove(id)
  }

  #add(id: string): void {
    if (this.#sources.has(id) || this.network.hasSource(id) || this.#ignored.has(id)) return
    if (id.length > LONGEST_ID || this.#sources.size >= MOST_SOURCES) return
    const receiver = this.#session.open_receiver({ source: { address: `mc/sfe.${id}` } })
    receiver.on('receiver_open', () => undefined)
    receiver.on('receiver_close', () => undefined)
    const source = this.network.addSource(id, this.#connection.clock.now(), () => {
      this.#unsent.add(id)
      this.#sendFlushes()
    })
    receiver.on('message', ({ message }: EventContext) => {
      const now = this.#connection.clock.now()
      if (message?.subject === 'HEARTBEAT') source.heartbeat(now)
      else if (message?.subject === 'RECORD' && Array.isArray(message.body)) source.applyRecords(now, message.body)
    })
    this.#sources.set(id, { source, receiver })
  }

  #remove(id: string): void {
    const found = this.#sources.get(id)
    if (found === undefined) return
    this.#sources.delete(id)
    this.network.removeSource(id)
    found.receiver.close()
  }

  #sendFlushes(): void {
    for (const id of this.#unsent) {
      if (!this.#sender.sendable()) return
      this.#unsent.delete(id)
      this.#sender.send({ to: `sfe.${id}`, subject: 'FLUSH', body: null })
    }
  }

  #tick(): void {
    const now = this.#connection.clock.now()
    this.network.tick(now)
    for (const [id, { source }] of this.#sources) if (source.silentForMs(now) > REMOVE_AFTER_MS) this.#remove(id)
    if (!this.#isSearching && now >= this.#searchAt && this.#isAnyMissed(now)) void this.#search()
  }

  #isAnyMissed(now: number): boolean {
    // At first no source is known, and a beacon may be ten seconds away.
    if (!this.network.areAllKnown) return true
    for (const { source } of this.#sources.values()) if (source.silentForMs(now) > MISSED_MS) return true
    return false
  }

  async #search(): Promise<void> {
    this.#isSearching = true
    const { clock } = this.#connection
    const begun = clock.now()
    try {
      for (const { name } of await this.#management.query('io.skupper.router.router.address', ['name'])) {
        const [, id] = (typeof name === 'string' && SOURCE_ADDRESS.exec(name)) || []
        if (id !== undefined) this.#add(id)
      }
    } catch {
    } finally {
      const now = clock.now()
      this.#searchAt = now + Math.max(SEARCH_MS, (now - begun) * SEARCH_SHARE)
      this.#isSearching = false
    }
  }
}
