import { existsSync, readFileSync } from 'node:fs'
import { createSecureContext, type SecureContext } from 'node:tls'
import type { Message } from 'rhea'
import type { Endpoint } from './address-map.ts'
import { AmqpServer } from './amqp-server.ts'
import type { Attributes, StoredEntity } from './entity-types.ts'
import { ManagementAgent } from './management-agent.ts'
import { TcpListener } from './tcp-listener.ts'
import type { SimulatedNetworkOptions, SimulatedRouterOptions } from './types.ts'
import { SimulatedVanflowSource, type VanflowMessage } from './vanflow-source.ts'

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const PREFIX_LENGTH = 5

interface Listener {
  readonly socket: TcpListener
  readonly address: string
  readonly identity: string
  readonly profile: unknown
}

interface Connector {
  readonly address: string
  readonly identity: string
  readonly workload: Endpoint
}

interface RouterInstance {
  readonly amqp: AmqpServer
  readonly vanflow: SimulatedVanflowSource
  readonly management: ManagementAgent
  readonly listeners: Map<string, Listener>
  readonly connectors: Map<string, Connector>
  readonly creations: Map<string, number>
  advertised: Set<string>
  isAdvertising: boolean
}

export interface RouterNetwork {
  readonly options: Required<SimulatedNetworkOptions>
  routerStarted(router: SimulatedRouter): void
  later(ms: number, work: () => void): void
  addressDelayMs(): number
  reachableFrom(router: SimulatedRouter): SimulatedRouter[]
  linkedWith(router: SimulatedRouter): SimulatedRouter[]
  addressesChanged(): void
  publish(from: SimulatedRouter, address: string, message: VanflowMessage): void
}

export class SimulatedRouter {
  readonly id: string
  readonly #network: RouterNetwork
  readonly #options: SimulatedRouterOptions
  #port: number
  #instance: RouterInstance | undefined

  constructor(network: RouterNetwork, options: SimulatedRouterOptions) {
    this.id = options.id
    this.#network = network
    this.#options = options
    this.#port = options.port ?? 0
  }

  get isRunning(): boolean {
    return this.#instance !== undefined
  }

  get url(): string {
    return `amqp://127.0.0.1:${this.#port}`
  }

  /** Starts without entities: what management created before is gone. */
  async start(): Promise<void> {
    if (this.#instance !== undefined) throw new Error(`router ${this.id} is running`)
    const amqp = await AmqpServer.start({
      id: this.id,
      port: this.#port,
      onMessage: (address, message) => this.#receive(address, message),
      onSubscribersChanged: () => this.#advertise(),
    })
    this.#port = amqp.port
    const { pace, observers, fileExists, clock } = this.#network.options
    const publish = (address: string, message: VanflowMessage) => this.#network.publish(this, address, message)
    const vanflow = new SimulatedVanflowSource(this.#randomPrefix(), publish, clock)
    const management = new ManagementAgent({
      pace,
      observers,
      fileExists,
      clock,
      builtIn: type => this.#builtInEntities(type),
      reported: entity => this.#reported(entity),
      onCreated: entity => this.#created(entity),
      onDeleted: entity => this.#deleted(entity),
      onRenewed: profile => this.#renewed(profile.name),
    })
    this.#instance = {
      amqp,
      vanflow,
      management,
      listeners: new Map(),
      connectors: new Map(),
      creations: new Map(),
      advertised: new Set(),
      isAdvertising: false,
    }
    vanflow.begin('router', { name: `0/${this.id}` })
    vanflow.begin('site', { name: this.#options.site ?? this.id })
    this.#advertise()
    this.#network.routerStarted(this)
  }

  #randomPrefix(): string {
    const letter = () => LETTERS[Math.floor(this.#network.options.random() * LETTERS.length)]
    return Array.from({ length: PREFIX_LENGTH }, letter).join('')
  }

  /** Breaks every connection, as the end of a process does. */
  async kill(): Promise<void> {
    const instance = this.#instance
    if (instance === undefined) return
    this.#instance = undefined
    instance.vanflow.stop()
    instance.management.stop()
    for (const { socket } of instance.listeners.values()) socket.close()
    await instance.amqp.stop()
    this.#network.addressesChanged()
  }

  async restart(): Promise<void> {
    await this.kill()
    await this.start()
  }

  dropClients(): void {
    this.#instance?.amqp.dropClients('the router dropped its clients')
  }

  entities(type: string): readonly StoredEntity[] {
    return this.#instance?.management.entities(type) ?? []
  }

  reports(type: string): readonly Attributes[] {
    return this.entities(type).map(entity => ({ ...entity.attributes, name: entity.name, ...this.#reported(entity) }))
  }

  creationCount(name: string): number {
    return this.#instance?.creations.get(name) ?? 0
  }

  /** Resolves to the status code. */
  manage(operation: 'CREATE' | 'DELETE', type: string, name: string, body: Attributes = {}): Promise<number> {
    return new Promise(resolve => {
      this.#instance?.management.handle({ operation, type, name, body }, ({ statusCode }) => resolve(statusCode))
    })
  }

  advertises(address: string): boolean {
    return this.#instance?.advertised.has(address) ?? false
  }

  deliver(address: string, message: VanflowMessage): void {
    const instance = this.#instance
    if (instance === undefined) return
    instance.amqp.send(address, message as Message)
    if (address === `sfe.${instance.vanflow.id}` && message.subject === 'FLUSH') instance.vanflow.flush()
  }

  #receive(address: string, message: Message): boolean {
    const instance = this.#instance
    if (instance === undefined) return false
    if (address === '$management') {
      this.#manage(instance, message)
      return true
    }
    if (!this.#isReachable(instance, address)) return false
    this.#network.publish(this, address, message as unknown as VanflowMessage)
    return true
  }

  #manage({ management, amqp }: RouterInstance, message: Message): void {
    const { operation, type, entityType, name } = (message.application_properties ?? {}) as Record<string, unknown>
    management.handle({ operation, type, entityType, name, body: message.body }, ({ body, ...properties }) => {
      const { reply_to: replyTo, correlation_id } = message
      amqp.send(replyTo ?? '', {
        ...(correlation_id !== undefined && { correlation_id }),
        application_properties: properties,
        body,
      })
    })
  }

  #isReachable(instance: RouterInstance, address: string): boolean {
    const near = this.#addressesOf(instance)
    return near.has(address) || this.#network.reachableFrom(this).some(router => router.advertises(address))
  }

  #addressesOf({ connectors, amqp, vanflow }: RouterInstance): Set<string> {
    const ofConnectors = [...connectors.values()].map(({ address }) => address)
    return new Set([...ofConnectors, ...amqp.addresses, `sfe.${vanflow.id}`])
  }

  /** Other routers learn of changed addresses later. */
  #advertise(): void {
    this.#network.addressesChanged()
    const instance = this.#instance
    if (instance === undefined || instance.isAdvertising) return
    instance.isAdvertising = true
    this.#network.later(this.#network.addressDelayMs(), () => {
      if (this.#instance !== instance) return
      instance.isAdvertising = false
      instance.advertised = this.#addressesOf(instance)
      this.#network.addressesChanged()
    })
  }

  matchSockets(): void {
    const instance = this.#instance
    if (instance === undefined) return
    const far = this.#network.reachableFrom(this)
    const near = new Set([...instance.connectors.values()].map(({ address }) => address))
    for (const { socket, address } of instance.listeners.values()) {
      socket.setMatched(near.has(address) || far.some(router => router.advertises(address)))
    }
  }

  workload(address: string): Endpoint | undefined {
    for (const connector of this.#instance?.connectors.values() ?? []) {
      if (connector.address === address) return connector.workload
    }
    return undefined
  }

  #workloadAnywhere(address: string): Endpoint | undefined {
    for (const router of [this, ...this.#network.reachableFrom(this)]) {
      const workload = router.workload(address)
      if (workload !== undefined) return workload
    }
    return undefined
  }

  #builtInEntities(type: string): readonly StoredEntity[] {
    const entity = (name: string, attributes: Attributes) => ({ type, name, identity: name, attributes })
    switch (type) {
      case 'router':
        return [entity(`router/${this.id}`, { id: this.id, mode: 'interior' })]
      case 'router.node':
        return [this, ...this.#network.reachableFrom(this)].map(({ id }) => entity(`router.node/${id}`, { id }))
      case 'connection':
        return this.#connections().map(([container, role], index) =>
          entity(`connection/${container}/${index}`, { container, role }),
        )
      case 'router.address':
        return this.#allAddresses().map(address => entity(`M${address}`, {}))
      default:
        return []
    }
  }

  #connections(): (readonly [string, string])[] {
    const links = this.#network.linkedWith(this).map(({ id }) => [id, 'inter-router'] as const)
    const clients = [...(this.#instance?.amqp.containers ?? [])].map(container => [container, 'normal'] as const)
    return [...links, ...clients]
  }

  #allAddresses(): string[] {
    const near = this.#instance === undefined ? [] : this.#addressesOf(this.#instance)
    const far = this.#network.reachableFrom(this).flatMap(router => [...(router.#instance?.advertised ?? [])])
    return [...new Set([...near, ...far])]
  }

  #reported({ type, name }: StoredEntity): Attributes {
    if (type !== 'tcpListener') return {}
    const socket = this.#instance?.listeners.get(name)?.socket
    return { operStatus: socket?.operStatus ?? 'down', connectionMsg: socket?.connectionMsg ?? '' }
  }

  #created({ type, name, attributes }: StoredEntity): void {
    const instance = this.#instance
    if (instance === undefined) return
    instance.creations.set(name, (instance.creations.get(name) ?? 0) + 1)
    if (type === 'sslProfile') return
    const host = String(attributes.host ?? '0.0.0.0')
    const port = String(attributes.port)
    const address = String(attributes.address)
    const identity = instance.vanflow.begin(type === 'tcpListener' ? 'listener' : 'connector', {
      name,
      address,
      destHost: host,
      destPort: port,
    })
    const { addresses } = this.#network.options
    const endpoint = { host, port: Number(port) }
    if (type === 'tcpListener') {
      const socket = new TcpListener({
        endpoint,
        address: () => addresses.of(this.id, endpoint),
        onOpened: port => addresses.set(this.id, endpoint, port),
        tls: () => this.#secureContext(attributes.sslProfile),
        workload: () => this.#workloadAnywhere(address),
      })
      instance.listeners.set(name, { socket, address, identity, profile: attributes.sslProfile })
      this.matchSockets()
    } else {
      instance.connectors.set(name, { address, identity, workload: addresses.of(this.id, endpoint) })
      this.#advertise()
    }
  }

  #renewed(profile: string): void {
    for (const listener of this.#instance?.listeners.values() ?? [])
      if (listener.profile === profile) listener.socket.renew()
  }

  /** Undefined without files: such a listener does not use TLS, although its profile exists. */
  #secureContext(profile: unknown): SecureContext | undefined {
    const { certFile, privateKeyFile } =
      this.entities('sslProfile').find(({ name }) => name === profile)?.attributes ?? {}
    if (typeof certFile !== 'string' || typeof privateKeyFile !== 'string' || !existsSync(certFile)) return undefined
    return createSecureContext({ cert: readFileSync(certFile), key: readFileSync(privateKeyFile) })
  }

  #deleted({ type, name }: StoredEntity): void {
    const instance = this.#instance
    if (instance === undefined || type === 'sslProfile') return
    const { listeners, connectors, vanflow } = instance
    const deleted = listeners.get(name) ?? connectors.get(name)
    if (deleted !== undefined) vanflow.end(deleted.identity)
    if (type === 'tcpListener') {
      listeners.get(name)?.socket.close()
      listeners.delete(name)
    } else {
      connectors.delete(name)
      this.#advertise()
    }
  }
}
