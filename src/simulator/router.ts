import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import type { AddressInfo, Server, Socket } from 'node:net'
import { createSecureContext, type SecureContext } from 'node:tls'
import rhea, { type Container, type EventContext, type Message, type Sender } from 'rhea'
import { retryWhilePortInUse } from '../lib/retry.ts'
import type { Endpoint } from './address-map.ts'
import type { Attributes, StoredEntity } from './entity-types.ts'
import { ManagementAgent } from './management-agent.ts'
import type { SimulatedNetwork, SimulatedRouterOptions } from './network.ts'
import { ListenerSocket } from './tcp-listener.ts'
import { type Telling, VanflowTeller } from './vanflow-source.ts'

const CREDIT = 250
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const PREFIX_LENGTH = 5

/** The state of a running router. */
interface RouterInstance {
  readonly server: Server
  readonly sockets: Set<Socket>
  /** Container ids of clients. */
  readonly clients: Set<string>
  readonly teller: VanflowTeller
  readonly agent: ManagementAgent
  readonly listeners: Map<
    string,
    {
      readonly socket: ListenerSocket
      readonly address: string
      readonly identity: string
      readonly profile: unknown
    }
  >
  readonly connectors: Map<string, { readonly address: string; readonly identity: string; readonly workload: Endpoint }>
  /** Local consumers by address. */
  readonly subscribers: Map<string, Set<Sender>>
  /** How often an entity was created, by name. */
  readonly lives: Map<string, number>
  /** The addresses of this router that others know. */
  advertised: Set<string>
  isAdvertising: boolean
}

/** One router of a simulated network. */
export class SimulatedRouter {
  readonly id: string
  readonly #network: SimulatedNetwork
  readonly #options: SimulatedRouterOptions
  #port: number
  #life: RouterInstance | undefined
  #replies = 0

  constructor(network: SimulatedNetwork, options: SimulatedRouterOptions) {
    this.id = options.id
    this.#network = network
    this.#options = options
    this.#port = options.port ?? 0
  }

  get isRunning(): boolean {
    return this.#life !== undefined
  }

  get url(): string {
    return `amqp://127.0.0.1:${this.#port}`
  }

  /** Starts with its file's configuration: entities created by management are gone. */
  async start(): Promise<void> {
    if (this.#life !== undefined) throw new Error(`router ${this.id} is running`)
    const container = rhea.create_container({ id: this.id })
    const mechanisms = (container as unknown as { sasl_server_mechanisms: { enable_anonymous(): void } })
      .sasl_server_mechanisms
    mechanisms.enable_anonymous()
    const server = await retryWhilePortInUse(async () => {
      const listening = container.listen({
        host: '127.0.0.1',
        port: this.#port,
        credit_window: CREDIT,
        autoaccept: false,
        max_frame_size: 16_384,
        idle_time_out: 16_000,
        tcp_no_delay: true,
      } as Parameters<Container['listen']>[0]) as Server
      await once(listening, 'listening')
      return listening
    })
    this.#port = (server.address() as AddressInfo).port
    const sockets = new Set<Socket>()
    server.on('connection', (socket: Socket) => {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
    })
    const { pace, observers, fileExists, clock } = this.#network.options
    const publish = (address: string, message: Telling) => this.#network.publish(this, address, message)
    const teller = new VanflowTeller(this.#prefix(), publish, clock)
    const agent = new ManagementAgent({
      pace,
      observers,
      fileExists,
      clock,
      told: type => this.#told(type),
      reported: entity => this.#reported(entity),
      onCreated: entity => this.#created(entity),
      onDeleted: entity => this.#deleted(entity),
      onRenewed: profile => this.#renewed(profile.name),
    })
    this.#life = {
      server,
      sockets,
      clients: new Set(),
      teller,
      agent,
      listeners: new Map(),
      connectors: new Map(),
      lives: new Map(),
      subscribers: new Map(),
      advertised: new Set(),
      isAdvertising: false,
    }
    teller.begin('router', { name: `0/${this.id}` })
    teller.begin('site', { name: this.#options.site ?? this.id })
    this.#serve(container, this.#life)
    this.#advertise()
    this.#network.routerStarted(this)
  }

  #prefix(): string {
    const letter = () => LETTERS[Math.floor(this.#network.options.random() * LETTERS.length)]
    return Array.from({ length: PREFIX_LENGTH }, letter).join('')
  }

  /** Ends like a killed process: every connection breaks. */
  async kill(): Promise<void> {
    const life = this.#life
    if (life === undefined) return
    this.#life = undefined
    life.teller.stop()
    life.agent.stop()
    for (const { socket } of life.listeners.values()) socket.close()
    const closed = once(life.server, 'close')
    life.server.close()
    // With an error, so that rhea stops its timers.
    for (const socket of life.sockets) socket.destroy(new Error('the router was killed'))
    await closed
    this.#network.addressesChanged()
  }

  async restart(): Promise<void> {
    await this.kill()
    await this.start()
  }

  /** Breaks the connections of its clients. */
  dropClients(): void {
    for (const socket of this.#life?.sockets ?? []) socket.destroy(new Error('the router dropped its clients'))
  }

  /** The entities created by management. */
  entities(type: string): readonly StoredEntity[] {
    return this.#life?.agent.entities(type) ?? []
  }

  /** The entities with the router's current reports. */
  reports(type: string): readonly Attributes[] {
    return this.entities(type).map(entity => ({ ...entity.attributes, name: entity.name, ...this.#reported(entity) }))
  }

  /** How often management created an entity of this name since the start. */
  livesOf(name: string): number {
    return this.#life?.lives.get(name) ?? 0
  }

  /** A management request from the router's console, unknown to Hark. */
  manage(operation: 'CREATE' | 'DELETE', type: string, name: string, body: Attributes = {}): Promise<number> {
    return new Promise(resolve => {
      this.#life?.agent.ask({ operation, type, name, body }, ({ statusCode }) => resolve(statusCode))
    })
  }

  advertises(address: string): boolean {
    return this.#life?.advertised.has(address) ?? false
  }

  deliver(address: string, message: Telling): void {
    const life = this.#life
    if (life === undefined) return
    for (const sender of life.subscribers.get(address) ?? []) sender.send(message as Message)
    if (address === `sfe.${life.teller.id}` && message.subject === 'FLUSH') life.teller.flush()
  }

  #serve(container: Container, life: RouterInstance): void {
    for (const event of ['error', 'protocol_error', 'connection_error', 'disconnected', 'session_error']) {
      container.on(event, () => undefined)
    }
    container.on('connection_open', ({ connection }: EventContext) => {
      const { container_id: client } = connection
      life.clients.add(client)
      for (const event of ['disconnected', 'connection_close']) connection.on(event, () => life.clients.delete(client))
    })
    container.on('sender_open', ({ sender }: EventContext) => {
      if (sender === undefined) return
      const { source } = sender
      let { address } = source
      if (source.dynamic) {
        this.#replies += 1
        address = `amqp:/_topo/0/${this.id}/temp.${this.#replies}`
        sender.set_source({ address, dynamic: true })
      } else sender.set_source({ address })
      this.#subscribe(life, address, sender)
    })
    container.on('receiver_open', ({ receiver }: EventContext) => {
      receiver?.set_target({ address: receiver.target?.address })
    })
    container.on('message', ({ message, delivery, receiver }: EventContext) => {
      if (message === undefined || delivery === undefined || this.#life !== life) return
      const to = receiver?.target?.address || message.to
      if (to === '$management') {
        delivery.accept()
        this.#manage(life, message)
      } else if (to !== undefined && this.#isKnown(life, to)) {
        delivery.accept()
        this.#network.publish(this, to, message as unknown as Telling)
      } else delivery.release({ undeliverable_here: true })
    })
  }

  #subscribe(life: RouterInstance, address: string, sender: Sender): void {
    const there = life.subscribers.get(address) ?? new Set()
    life.subscribers.set(address, there.add(sender))
    const leave = () => {
      there.delete(sender)
      if (there.size === 0) life.subscribers.delete(address)
      this.#advertise()
    }
    sender.on('sender_close', leave)
    sender.connection.on('disconnected', leave)
    sender.connection.on('connection_close', leave)
    this.#advertise()
  }

  #manage(life: RouterInstance, message: Message): void {
    const { operation, type, entityType, name } = (message.application_properties ?? {}) as Record<string, unknown>
    life.agent.ask({ operation, type, entityType, name, body: message.body }, ({ body, ...properties }) => {
      const { reply_to: replyTo, correlation_id } = message
      for (const sender of life.subscribers.get(replyTo ?? '') ?? []) {
        sender.send({
          ...(correlation_id !== undefined && { correlation_id }),
          application_properties: properties,
          body,
        })
      }
    })
  }

  #isKnown(life: RouterInstance, address: string): boolean {
    return (
      this.#addressesOf(life).has(address) || this.#network.reachableFrom(this).some(far => far.advertises(address))
    )
  }

  #addressesOf(life: RouterInstance): Set<string> {
    const connectors = [...life.connectors.values()].map(({ address }) => address)
    return new Set([...connectors, ...life.subscribers.keys(), `sfe.${life.teller.id}`])
  }

  /** Sends the local addresses to other routers after a delay. */
  #advertise(): void {
    this.#network.addressesChanged()
    const life = this.#life
    if (life === undefined || life.isAdvertising) return
    life.isAdvertising = true
    this.#network.later(this.#network.addressDelayMs(), () => {
      if (this.#life !== life) return
      life.isAdvertising = false
      life.advertised = this.#addressesOf(life)
      this.#network.addressesChanged()
    })
  }

  /** Opens the sockets of listeners whose address has a connector, and closes the others. */
  matchSockets(): void {
    const life = this.#life
    if (life === undefined) return
    const far = this.#network.reachableFrom(this)
    const near = new Set([...life.connectors.values()].map(({ address }) => address))
    for (const { socket, address } of life.listeners.values()) {
      socket.setMatched(near.has(address) || far.some(router => router.advertises(address)))
    }
  }

  /** A local connector with this address. */
  workload(address: string): Endpoint | undefined {
    for (const connector of this.#life?.connectors.values() ?? []) {
      if (connector.address === address) return connector.workload
    }
    return undefined
  }

  #told(type: string): readonly StoredEntity[] {
    const entity = (name: string, attributes: Attributes) => ({ type, name, identity: name, attributes })
    const nodes = [this, ...this.#network.reachableFrom(this)]
    switch (type) {
      case 'router':
        return [entity(`router/${this.id}`, { id: this.id, mode: 'interior' })]
      case 'router.node':
        return nodes.map(({ id }) => entity(`router.node/${id}`, { id }))
      case 'connection':
        return this.#connections().map(([container, role], number) =>
          entity(`connection/${container}/${number}`, { container, role }),
        )
      case 'router.address':
        return this.#addresses().map(address => entity(`M${address}`, {}))
      default:
        return []
    }
  }

  /** Connections with container id and role. */
  #connections(): (readonly [string, string])[] {
    const links = this.#network.linkedWith(this).map(({ id }) => [id, 'inter-router'] as const)
    const clients = [...(this.#life?.clients ?? [])].map(container => [container, 'normal'] as const)
    return [...links, ...clients]
  }

  #addresses(): string[] {
    const near = this.#life === undefined ? [] : this.#addressesOf(this.#life)
    const far = this.#network.reachableFrom(this).flatMap(router => [...(router.#life?.advertised ?? [])])
    return [...new Set([...near, ...far])]
  }

  #reported({ type, name }: StoredEntity): Attributes {
    if (type !== 'tcpListener') return {}
    const socket = this.#life?.listeners.get(name)?.socket
    return { operStatus: socket?.operStatus ?? 'down', connectionMsg: socket?.connectionMsg ?? '' }
  }

  #created({ type, name, attributes }: StoredEntity): void {
    const life = this.#life
    if (life === undefined) return
    life.lives.set(name, (life.lives.get(name) ?? 0) + 1)
    if (type === 'sslProfile') return
    const host = String(attributes.host ?? '0.0.0.0')
    const port = String(attributes.port)
    const address = String(attributes.address)
    const texts = { name, address, destHost: host, destPort: port }
    if (type === 'tcpListener') {
      const { places } = this.#network.options
      const endpoint = { host, port: Number(port) }
      const socket = new ListenerSocket({
        endpoint,
        place: () => places.of(this.id, endpoint),
        onOpened: port => places.taken(this.id, endpoint, port),
        tls: () => this.#secureContext(attributes.sslProfile),
        workload: () => this.workload(address) ?? this.#farWorkload(address),
      })
      const identity = life.teller.begin('listener', texts)
      life.listeners.set(name, { socket, address, identity, profile: attributes.sslProfile })
      this.matchSockets()
    } else {
      const workload = this.#network.options.places.of(this.id, { host, port: Number(port) })
      life.connectors.set(name, { address, workload, identity: life.teller.begin('connector', texts) })
      this.#advertise()
    }
  }

  #farWorkload(address: string): Endpoint | undefined {
    for (const router of this.#network.reachableFrom(this)) {
      const workload = router.workload(address)
      if (workload !== undefined) return workload
    }
    return undefined
  }

  #renewed(profile: string): void {
    for (const listener of this.#life?.listeners.values() ?? [])
      if (listener.profile === profile) listener.socket.renew()
  }

  /** Without existing files the listener uses no TLS. */
  #secureContext(profile: unknown): SecureContext | undefined {
    const { certFile, privateKeyFile } =
      this.entities('sslProfile').find(({ name }) => name === profile)?.attributes ?? {}
    if (typeof certFile !== 'string' || typeof privateKeyFile !== 'string' || !existsSync(certFile)) return undefined
    return createSecureContext({ cert: readFileSync(certFile), key: readFileSync(privateKeyFile) })
  }

  #deleted({ type, name }: StoredEntity): void {
    const life = this.#life
    if (life === undefined || type === 'sslProfile') return
    if (type === 'tcpListener') {
      const listener = life.listeners.get(name)
      listener?.socket.close()
      if (listener !== undefined) life.teller.end(listener.identity)
      life.listeners.delete(name)
    } else {
      const connector = life.connectors.get(name)
      if (connector !== undefined) life.teller.end(connector.identity)
      life.connectors.delete(name)
      this.#advertise()
    }
  }
}
