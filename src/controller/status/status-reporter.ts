import type { RouterEvent } from '../../../schemas/events/events.ts'
import type { Clock } from '../../lib/clock.ts'
import type { NetworkEndpoint, NetworkView } from '../../router/vanflow/network-view.ts'
import { listenerEntityName, resourceName } from '../entities/managed-entity.ts'
import type { EntityReconciler } from '../entities/reconciler.ts'
import type { ToWrite } from '../event-writer.ts'
import { InUseReports } from '../port-holders/in-use-reports.ts'
import type { FindPortHolder } from '../port-holders/port-holder.ts'
import type { ManagedType, SiteChange, SiteState } from '../site-state.ts'
import { EndpointIndex } from './endpoint-index.ts'
import { NetworkReports } from './network-reports.ts'
import { ResourceReports, type ResourceReportsOptions } from './resource-reports.ts'

interface StatusReporterOptions extends Omit<ResourceReportsOptions, 'index' | 'inUse' | 'clock'> {
  readonly clock: Pick<Clock, 'now' | 'setTimeout'>
  readonly findPortHolder: FindPortHolder | undefined
  readonly site: SiteState
  readonly entities: EntityReconciler
  readonly network: NetworkView
  readonly write: (events: ToWrite) => Promise<void>
  /** Called if an observation should come early. */
  readonly onWait: () => void
  readonly onFailure: (error: unknown) => void
}

/**
 * Writes what differs from the log when its turn comes. A connector is reported after its listeners' sockets have opened or
 * failed, because its event makes accepted listeners Ready.
 */
export class StatusReporter {
  readonly #options: StatusReporterOptions
  readonly #index: EndpointIndex
  readonly #resources: ResourceReports
  readonly #endpoints: NetworkReports
  readonly #dirtyListeners = new Set<string>()
  readonly #dirtyConnectors = new Set<string>()
  readonly #dirtyEndpoints = new Set<string>()
  readonly #unsubscribe: () => void
  #running: Promise<void> | undefined
  #isClosed = false

  constructor(options: StatusReporterOptions) {
    this.#options = options
    this.#index = new EndpointIndex(options.network)
    const { findPortHolder: find, clock } = options
    const inUse = find && new InUseReports({ find, clock, onFound: name => this.#listenerChanged(name) })
    this.#resources = new ResourceReports({ ...options, index: this.#index, inUse })
    this.#endpoints = new NetworkReports({
      ...options,
      index: this.#index,
      isUndecided: row => this.#resources.listenerReport(row) === 'undecided',
    })
    this.#unsubscribe = options.network.onChange(identities => this.#networkChanged(identities), options.onFailure)
  }

  get isWaiting(): boolean {
    return this.#resources.undecided.size > 0 || this.#endpoints.hasPending
  }

  entityChanged(type: ManagedType, name: string): void {
    if (type === 'tcpListener') {
      this.#dirtyListeners.add(this.#options.site.exposedTarget(name)?.listener ?? resourceName(name))
    } else if (type === 'tcpConnector') this.#dirtyConnectors.add(resourceName(name))
    else return
    this.#start()
  }

  #listenerChanged(name: string): void {
    this.#dirtyListeners.add(name)
    this.#start()
  }

  drifted(type: ManagedType, name: string, message: string): void {
    this.#resources.addDrift(type, name, message)
    this.entityChanged(type, name)
  }

  siteChanged({ entities, listeners, connectors }: SiteChange): void {
    const { site } = this.#options
    for (const { name } of entities) {
      const ended = this.#resources.releaseTarget(name)
      const listener = site.exposedTarget(name)?.listener ?? ended
      if (listener !== undefined) this.#dirtyListeners.add(listener)
    }
    for (const name of listeners) {
      this.#dirtyListeners.add(name)
      const row = site.listener(name)
      if (row === undefined) continue
      this.#markEndpoints('connector', row.spec.routingKey)
      if (row.spec.exposePodsByName) this.#markTargets(row.spec.routingKey)
    }
    for (const name of connectors) {
      this.#dirtyConnectors.add(name)
      const row = site.connector(name)
      if (row !== undefined) this.#markEndpoints('listener', row.spec.routingKey)
    }
    this.#start()
  }

  everythingChanged(): void {
    const { site, network } = this.#options
    for (const { name } of site.listeners()) this.#dirtyListeners.add(name)
    for (const { name } of site.connectors()) this.#dirtyConnectors.add(name)
    for (const { identity } of network.endpoints()) this.#dirtyEndpoints.add(identity)
    this.#markReportedEndpoints()
    this.#start()
  }

  linksChanged(): void {
    for (const { name } of this.#options.site.listeners()) this.#dirtyListeners.add(name)
    this.#start()
  }

  credentialsChanged(): void {
    const { site } = this.#options
    for (const { name, spec } of site.listeners()) if (spec.tlsCredentials !== undefined) this.#dirtyListeners.add(name)
    for (const { name, spec } of site.connectors())
      if (spec.tlsCredentials !== undefined) this.#dirtyConnectors.add(name)
    this.#start()
  }

  /** To be called after each observation. */
  retryPending(): void {
    for (const name of this.#resources.undecided) this.#dirtyListeners.add(name)
    for (const identity of this.#endpoints.retriable) this.#dirtyEndpoints.add(identity)
    if (this.#hasWork()) this.#start()
  }

  corrections(): RouterEvent[] {
    return [...this.#resources.corrections(), ...this.#endpoints.corrections()]
  }

  beginSuppression(): void {
    this.#resources.beginSuppression()
  }

  endSuppression(): void {
    const { listeners, connectors } = this.#resources.endSuppression()
    for (const name of listeners) this.#dirtyListeners.add(name)
    for (const name of connectors) this.#dirtyConnectors.add(name)
    this.#start()
  }

  #markEndpoints(kind: NetworkEndpoint['kind'], routingKey: string): void {
    for (const identity of this.#index.identities(kind, routingKey)) this.#dirtyEndpoints.add(identity)
  }

  #markTargets(routingKey: string): void {
    for (const key of this.#index.routingKeys('connector')) {
      if (key.startsWith(`${routingKey}.`)) this.#markEndpoints('connector', key)
    }
  }

  #markReportedEndpoints(): void {
    const { site } = this.#options
    for (const identity of site.seenConnectors()) this.#dirtyEndpoints.add(identity)
    for (const identity of site.seenListeners()) this.#dirtyEndpoints.add(identity)
  }

  #networkChanged(identities: readonly string[]): void {
    // The log's endpoints of a settled source may be gone.
    if (identities.length === 0) this.#markReportedEndpoints()
    for (const identity of identities) {
      this.#dirtyEndpoints.add(identity)
      for (const { kind, routingKey } of this.#index.reindex(identity)) {
        if (kind === 'connector') this.#markSocketsStale(routingKey)
        else for (const seen of this.#options.site.seenListenersOf(routingKey)) this.#dirtyEndpoints.add(seen)
      }
    }
    this.#start()
  }

  /** The first connector opens its listeners' sockets, and the last one's end closes them. */
  #markSocketsStale(routingKey: string): void {
    const { site, entities } = this.#options
    for (const { name } of site.listenersOf(routingKey)) {
      entities.markStale(listenerEntityName(name))
      this.#dirtyListeners.add(name)
    }
  }

  #start(): void {
    if (this.#running !== undefined || this.#isClosed) return
    this.#running = this.#run()
      .catch(error => this.#options.onFailure(error))
      .finally(() => {
        this.#running = undefined
        if (this.#hasWork()) this.#start()
      })
  }

  #hasWork(): boolean {
    return this.#dirtyListeners.size + this.#dirtyConnectors.size + this.#dirtyEndpoints.size > 0
  }

  async #run(): Promise<void> {
    while (this.#hasWork() && !this.#isClosed) {
      await new Promise(setImmediate)
      if (!this.#options.entities.isObserved || this.#isClosed) return
      await this.#options.write(() => (this.#isClosed ? [] : this.#collectEvents()))
      if (this.isWaiting) this.#options.onWait()
    }
  }

  #collectEvents(): RouterEvent[] {
    const { site } = this.#options
    const endpoints = this.#dirtyEndpoints.union(this.#endpoints.takePending())
    const listeners = [...this.#dirtyListeners]
    const connectors = [...this.#dirtyConnectors]
    for (const dirty of [this.#dirtyEndpoints, this.#dirtyListeners, this.#dirtyConnectors]) dirty.clear()
    const events: (RouterEvent | undefined)[] = []
    for (const name of listeners) {
      const row = site.listener(name)
      if (row === undefined) this.#resources.forgetListener(name)
      else events.push(this.#resources.listenerEvent(row))
    }
    for (const name of connectors) {
      const row = site.connector(name)
      events.push(row && this.#resources.connectorEvent(row))
    }
    // After listeners, whose reports decide what an endpoint makes Ready.
    for (const identity of endpoints) events.push(...this.#endpoints.events(identity))
    return events.filter(event => event !== undefined)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#unsubscribe()
    await this.#running
  }
}
