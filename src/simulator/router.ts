import type { SecureContext } from 'node:tls'
import type { Message } from 'rhea'
import type { Endpoint } from './address-map.ts'
import { AmqpServer } from './amqp-server.ts'
import { builtInEntities } from './built-in-entities.ts'
import type { Attributes, StoredEntity } from './entity-types.ts'
import { ManagementAgent } from './management-agent.ts'
import { secureContextOf } from './secure-context.ts'
import { chooseAddress, type TargetAddress } from './target-addresses.ts'
import { TcpListener } from './tcp-listener.ts'
import type { SimulatedNetworkOptions, SimulatedRouterOptions } from './types.ts'
import { randomPrefix, SimulatedVanflowSource, type VanflowMessage } from './vanflow-source.ts'

interface Listener {
  readonly socket: TcpListener
  /** A listener with one address has it under its own name. */
  readonly addresses: Map<string, TargetAddress & { readonly identity: string }>
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

  /** Starts without the entities that management created before. */
  async start(): Promise<void> {
    if (this.#instance !== undefined) throw new Error(`router ${this.id} is running`)
    const amqp = await AmqpServer.start({
      id: this.id,
      port: this.#port,
      onMessage: (address, message) => this.#receive(address, message),
      onSubscribersChanged: () => this.#advertise(),
    })
    this.#port = amqp.port
    const { pace, observers, lacking, fileExists, random, clock } = this.#network.options
    const publish = (address: string, message: VanflowMessage) => this.#network.publish(this, address, message)
    const vanflow = new SimulatedVanflowSource(randomPrefix(random), publish, clock)
    const management = new ManagementAgent({
      pace,
      observers,
      lacking,
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
    for (const { socket, addresses } of instance.listeners.values()) {
      const isReachable = ({ address }: TargetAddress) =>
        near.has(address) || far.some(router => router.advertises(address))
      socket.setMatched([...addresses.values()].some(isReachable))
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
    const instance = this.#instance
    const reachable = this.#network.reachableFrom(this)
    return builtInEntities(type, {
      id: this.id,
      reachable: () => reachable.map(({ id }) => id),
      linked: () => this.#network.linkedWith(this).map(({ id }) => id),
      clients: () => instance?.amqp.containers ?? [],
      addresses: () => [
        ...(instance === undefined ? [] : this.#addressesOf(instance)),
        ...reachable.flatMap(router => [...(router.#instance?.advertised ?? [])]),
      ],
    })
  }

  #reported({ type, name }: StoredEntity): Attributes {
    if (type !== 'tcpListener') return {}
    const socket = this.#instance?.listeners.get(name)?.socket
    return { operStatus: socket?.operStatus ?? 'down', connectionMsg: socket?.connectionMsg ?? '' }
  }

  #created(entity: StoredEntity): void {
    const instance = this.#instance
    if (instance === undefined) return
    const { type, name } = entity
    instance.creations.set(name, (instance.creations.get(name) ?? 0) + 1)
    if (type === 'tcpListener') this.#listenerCreated(instance, entity)
    else if (type === 'listenerAddress') this.#addressCreated(instance, entity)
    else if (type === 'tcpConnector') this.#connectorCreated(instance, entity)
  }

  #listenerCreated(instance: RouterInstance, { name, attributes }: StoredEntity): void {
    const { addresses: onMachine, random } = this.#network.options
    const endpoint = endpointOf(attributes)
    const strategy = attributes.multiAddressStrategy === 'weighted' ? 'weighted' : 'priority'
    const addresses: Listener['addresses'] = new Map()
    const socket = new TcpListener({
      endpoint,
      address: () => onMachine.of(this.id, endpoint),
      onOpened: port => onMachine.set(this.id, endpoint, port),
      tls: () => this.#secureContext(attributes.sslProfile),
      workload: () => {
        const isReachable = (address: string) => this.#workloadAnywhere(address) !== undefined
        const address = chooseAddress(addresses.values(), strategy, isReachable, random)
        return address === undefined ? undefined : this.#workloadAnywhere(address)
      },
    })
    instance.listeners.set(name, { socket, addresses, profile: attributes.sslProfile })
    const { address } = attributes
    if (typeof address === 'string') addresses.set(name, this.#targetAddress(instance, name, address, 0, attributes))
    this.matchSockets()
  }

  #addressCreated(instance: RouterInstance, { name, attributes }: StoredEntity): void {
    const { listener, address, value } = attributes
    const of = this.entities('tcpListener').find(each => each.name === listener)
    if (of === undefined) return
    const target = this.#targetAddress(instance, of.name, String(address), Number(value), of.attributes)
    instance.listeners.get(of.name)?.addresses.set(name, target)
    this.matchSockets()
  }

  #targetAddress(instance: RouterInstance, name: string, address: string, value: number, attributes: Attributes) {
    const { host: destHost, port } = endpointOf(attributes)
    const identity = instance.vanflow.begin('listener', { name, address, destHost, destPort: String(port) })
    return { address, value, identity }
  }

  #connectorCreated(instance: RouterInstance, { name, attributes }: StoredEntity): void {
    const endpoint = endpointOf(attributes)
    const address = String(attributes.address)
    const { host: destHost, port } = endpoint
    const identity = instance.vanflow.begin('connector', { name, address, destHost, destPort: String(port) })
    const workload = this.#network.options.addresses.of(this.id, endpoint)
    instance.connectors.set(name, { address, identity, workload })
    this.#advertise()
  }

  #renewed(profile: string): void {
    for (const listener of this.#instance?.listeners.values() ?? [])
      if (listener.profile === profile) listener.socket.renew()
  }

  #secureContext(profile: unknown): SecureContext | undefined {
    return secureContextOf(this.entities('sslProfile').find(({ name }) => name === profile))
  }

  #deleted({ type, name, attributes }: StoredEntity): void {
    const instance = this.#instance
    if (instance === undefined) return
    const { listeners, connectors, vanflow } = instance
    if (type === 'tcpConnector') {
      const identity = connectors.get(name)?.identity
      if (identity !== undefined) vanflow.end(identity)
      connectors.delete(name)
      this.#advertise()
      return
    }
    const isListener = type === 'tcpListener'
    const listener = listeners.get(isListener ? name : String(attributes.listener))
    const target = listener?.addresses.get(name)
    if (target !== undefined) vanflow.end(target.identity)
    listener?.addresses.delete(name)
    if (isListener) {
      listener?.socket.close()
      listeners.delete(name)
    } else {
      this.matchSockets()
    }
  }
}

const endpointOf = ({ host, port }: Attributes): Endpoint => ({ host: String(host ?? '0.0.0.0'), port: Number(port) })
