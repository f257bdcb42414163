import type { RouterEvent } from '../../../schemas/events/events.ts'
import { CONDITIONED_KINDS } from '../../../schemas/resources/kinds.ts'
import { entityName, type ManagedType, ownerOf, type ResourceId } from '../../../schemas/router-entities.ts'
import type { EntityReconciler } from '../entities/reconciler.ts'
import type { ToWrite } from '../event-writer.ts'
import { controlled } from '../kinds/registry.ts'
import type { Resource, SiteChange } from '../site-state.ts'
import { EndpointIndex } from './endpoint-index.ts'
import { NetworkReports } from './network-reports.ts'
import { ResourceReports, type ResourceReportsOptions } from './resource-reports.ts'

interface StatusReporterOptions extends Omit<ResourceReportsOptions, 'index' | 'onChange'> {
  readonly entities: EntityReconciler
  readonly write: (events: ToWrite) => Promise<void>
  readonly onWait: () => void
  readonly onFailure: (error: unknown) => void
}

/**
 * A connector is reported after its listeners' sockets have opened or failed, because its event makes accepted
 * listeners Ready.
 */
export class StatusReporter {
  readonly #options: StatusReporterOptions
  readonly #index: EndpointIndex
  readonly #resources: ResourceReports
  readonly #endpoints: NetworkReports
  readonly #dirty = new Map<string, ResourceId>()
  readonly #dirtyEndpoints = new Set<string>()
  readonly #unsubscribe: () => void
  #running: Promise<void> | undefined
  #isClosed = false

  constructor(options: StatusReporterOptions) {
    this.#options = options
    this.#index = new EndpointIndex(options.network)
    this.#resources = new ResourceReports({
      ...options,
      index: this.#index,
      onChange: resource => this.#changed([resource]),
    })
    this.#endpoints = new NetworkReports({
      ...options,
      index: this.#index,
      isUndecided: ({ kind, row }) => this.#resources.report(kind, row) === 'undecided',
    })
    this.#unsubscribe = options.network.onChange(identities => this.#networkChanged(identities), options.onFailure)
  }

  get isWaiting(): boolean {
    return this.#resources.undecided.length > 0 || this.#endpoints.hasPending
  }

  entityChanged(type: ManagedType, name: string): void {
    const owner = ownerOf(type, name)
    if (owner !== undefined) this.#changed([owner])
  }

  drifted(type: ManagedType, name: string, message: string): void {
    const owner = ownerOf(type, name)
    this.#resources.addDrift(owner?.routingKey === undefined ? name : entityName(owner.kind, owner.name), message)
    this.entityChanged(type, name)
  }

  siteChanged({ resources }: SiteChange): void {
    for (const { kind, name } of resources) {
      const row = this.#options.site.row(kind, name)
      if (row === undefined) continue
      for (const identity of controlled(kind).endpoints(row, this.#index)) this.#dirtyEndpoints.add(identity)
    }
    this.#changed(resources)
  }

  everythingChanged(): void {
    for (const { identity } of this.#options.network.endpoints()) this.#dirtyEndpoints.add(identity)
    this.#markReportedEndpoints()
    this.resourcesChanged()
  }

  resourcesChanged(): void {
    this.#changed(this.#options.site.resources().map(idOf))
  }

  retryPending(): void {
    this.#mark(this.#resources.undecided)
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
    this.#changed(this.#resources.endSuppression())
  }

  #changed(resources: readonly ResourceId[]): void {
    this.#mark(resources)
    this.#start()
  }

  #mark(resources: readonly ResourceId[]): void {
    for (const resource of resources) this.#dirty.set(entityName(resource.kind, resource.name), resource)
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

  #markSocketsStale(routingKey: string): void {
    const { site, entities } = this.#options
    const resources = site.matching('connector', routingKey).map(idOf)
    for (const { kind, name } of resources) entities.markStale(entityName(kind, name))
    this.#mark(resources)
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
    return this.#dirty.size + this.#dirtyEndpoints.size > 0
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
    const resources = [...this.#dirty.values()].sort(byKind)
    this.#dirtyEndpoints.clear()
    this.#dirty.clear()
    const events: (RouterEvent | undefined)[] = []
    for (const { kind, name } of resources) {
      const row = site.row(kind, name)
      if (row === undefined) this.#resources.remove({ kind, name })
      else events.push(this.#resources.event(kind, row))
    }
    for (const identity of endpoints) events.push(...this.#endpoints.events(identity))
    return events.filter(event => event !== undefined)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#unsubscribe()
    await this.#running
  }
}

const idOf = ({ kind, row: { name } }: Resource): ResourceId => ({ kind, name })

const byKind = (a: ResourceId, b: ResourceId): number =>
  CONDITIONED_KINDS.indexOf(a.kind) - CONDITIONED_KINDS.indexOf(b.kind)
