import type { ConnectorRow } from '../../../projections/connector-status.ts'
import type { ConnectorCandidate, ListenerRow } from '../../../projections/listener-status.ts'
import type { RouterEvent } from '../../../schemas/events/events.ts'
import type { Clock } from '../../lib/clock.ts'
import type { NetworkEndpoint, NetworkView } from '../../router/vanflow/network-view.ts'
import type { BundleFolder } from '../certificates/bundle-folder.ts'
import { bundleUse } from '../certificates/bundle-use.ts'
import type { EntityState } from '../entities/entity-record.ts'
import { connectorEntityName, listenerEntityName, resourceName } from '../entities/managed-entity.ts'
import type { EntityReconciler } from '../entities/reconciler.ts'
import type { ToWrite } from '../event-writer.ts'
import type { Contest } from '../lease/contest.ts'
import type { DrivenType, ExposedTarget, SiteChange, SiteState } from '../site-state.ts'
import { holderOf, type ListeningPlace } from './endpoint-holder.ts'
import { EndpointIndex } from './endpoint-index.ts'
import { type ListenerReport, reportListener } from './listener-report.ts'
import { isAsSeen, isConfigured, isShownOpen, listenerEvent, seenOf, subjectOf, truncate } from './router-events.ts'

/** How many times as long the socket of a listener may stay closed whose connector is not seen on the network. */
const UNCONFIRMED_PATIENCE = 2

/** How long a listener may be away while it is made anew. */
const LISTENER_RETURNS_MS = 3000

export interface ReporterOptions {
  readonly view: SiteState
  readonly entities: EntityReconciler
  readonly network: NetworkView
  /** As far as Hark can see them. */
  readonly bundles: BundleFolder
  readonly contest: Pick<Contest, 'leaves' | 'message'>
  readonly clock: Pick<Clock, 'now'>
  /** Whether the router has lost its last link to others. */
  readonly isAlone: () => boolean
  /** Resolves when the events are durable and the view shows them. */
  readonly write: (events: ToWrite) => Promise<void>
  /** How long a matched listener's socket may take to open before it is said that it does not. */
  readonly patienceMs: number
  /** A socket's fate is awaited: look soon. */
  readonly onWait: () => void
  readonly onFailure: (error: unknown) => void
}

/**
 * Turns what a router holds and sees into events, where that is news: it compares what was found with what the log says,
 * for whatever may have changed. That a connector was seen makes listeners Ready that were accepted; so it is told only once
 * the router has opened their sockets, or has said why not.
 */
export class Reporter {
  readonly #options: ReporterOptions
  readonly #index: EndpointIndex
  readonly #listeners = new Set<string>()
  readonly #connectors = new Set<string>()
  readonly #identities = new Set<string>()
  readonly #drifts = new Map<string, string>()
  readonly #undecidedSince = new Map<string, number>()
  /** Listeners that a router which was lost for a moment is being given again: their sockets open when they open. */
  readonly #excused = new Set<string>()
  /** What was last said of targets whose listeners failed, by the names of those. */
  readonly #failedTargets = new Map<string, { readonly listener: string; readonly words: string }>()
  /** Connectors on the network that are not told of yet. */
  readonly #held = new Set<string>()
  /** Since when a listener that was told of is not on the network, by identity. */
  readonly #missedSince = new Map<string, number>()
  readonly #unsubscribe: () => void
  #running: Promise<void> | undefined
  #isClosed = false

  constructor(options: ReporterOptions) {
    this.#options = options
    this.#index = new EndpointIndex(options.network)
    this.#unsubscribe = options.network.onChange(identities => this.#networkChanged(identities), options.onFailure)
  }

  /** Whether it is still open what becomes of some socket. */
  get isWaiting(): boolean {
    return this.#undecidedSince.size + this.#held.size > 0
  }

  /** There is news of an entity on the router. */
  entityChanged(type: DrivenType, name: string): void {
    const { view } = this.#options
    if (type === 'tcpListener') this.#listeners.add(view.exposedTarget(name)?.listener ?? resourceName(name))
    else if (type === 'tcpConnector') this.#connectors.add(resourceName(name))
    else return
    this.#start()
  }

  /** An entity was found changed, or gone, without Hark's doing. */
  drifted(type: DrivenType, name: string, message: string): void {
    this.#drifts.set(driftKey(type, resourceName(name)), message)
    this.entityChanged(type, name)
  }

  siteChanged({ entities, listeners, connectors }: SiteChange): void {
    for (const { name } of entities) this.#reconsiderTarget(name)
    for (const name of listeners) {
      this.#listeners.add(name)
      const row = this.#options.view.listener(name)
      if (row !== undefined) this.#concern('connector', row.spec.routingKey)
      if (row?.spec.exposePodsByName) this.#concernTargets(row.spec.routingKey)
    }
    for (const name of connectors) {
      this.#connectors.add(name)
      const row = this.#options.view.connector(name)
      if (row !== undefined) this.#concern('listener', row.spec.routingKey)
    }
    this.#start()
  }

  /** With a target its failure goes, which was said of its listener. */
  #reconsiderTarget(entity: string): void {
    const failed = this.#failedTargets.get(entity)
    if (failed === undefined) return
    this.#listeners.add(failed.listener)
    if (this.#options.view.exposedTarget(entity) === undefined) this.#failedTargets.delete(entity)
  }

  /** Compares everything. */
  everythingChanged(): void {
    const { view, network } = this.#options
    for (const { name } of view.listeners()) this.#listeners.add(name)
    for (const { name } of view.connectors()) this.#connectors.add(name)
    for (const { identity } of network.endpoints()) this.#identities.add(identity)
    this.#concernLogged()
    this.#start()
  }

  #concern(kind: NetworkEndpoint['kind'], routingKey: string): void {
    for (const identity of this.#index.identities(kind, routingKey)) this.#identities.add(identity)
  }

  #concernTargets(routingKey: string): void {
    for (const key of this.#index.routingKeys('connector')) {
      if (key.startsWith(`${routingKey}.`)) this.#concern('connector', key)
    }
  }

  #concernLogged(): void {
    const { view } = this.#options
    for (const identity of view.seenConnectors()) this.#identities.add(identity)
    for (const identity of view.seenListeners()) this.#identities.add(identity)
  }

  #networkChanged(identities: readonly string[]): void {
    // A source has told all that it has, or is lost: what the log has of it may be gone.
    if (identities.length === 0) this.#concernLogged()
    for (const identity of identities) {
      this.#identities.add(identity)
      for (const { kind, routingKey } of this.#index.update(identity)) {
        if (kind === 'connector') this.#doubt(routingKey)
        else for (const told of this.#options.view.seenListenersOf(routingKey)) this.#identities.add(told)
      }
    }
    this.#start()
  }

  /** The first connector to come opens sockets, and the last to go closes them. */
  #doubt(routingKey: string): void {
    const { view, entities } = this.#options
    for (const { name } of view.listenersOf(routingKey)) {
      entities.markStale(listenerEntityName(name))
      this.#listeners.add(name)
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
    return this.#listeners.size + this.#connectors.size + this.#identities.size > 0
  }

  async #run(): Promise<void> {
    while (this.#hasWork() && !this.#isClosed) {
      // What comes in one breath is told in one append.
      await new Promise(setImmediate)
      if (!this.#options.entities.isObserved || this.#isClosed) return
      // What is news is decided when its turn to be written comes, on what was written before.
      await this.#options.write(() => (this.#isClosed ? [] : this.news()))
      if (this.isWaiting) this.#options.onWait()
    }
  }

  /** What is news of whatever may have changed since it was last asked. */
  news(): RouterEvent[] {
    const { view } = this.#options
    const identities = this.#identities.union(this.#held)
    const listeners = [...this.#listeners]
    const connectors = [...this.#connectors]
    for (const changed of [this.#identities, this.#held, this.#listeners, this.#connectors]) changed.clear()
    const events: RouterEvent[] = []
    for (const name of listeners) {
      const row = view.listener(name)
      const event = row === undefined ? this.#forget(name) : this.#newsOfListener(row)
      if (event !== undefined) events.push(event)
    }
    for (const name of connectors) {
      const row = view.connector(name)
      const event = row && this.#newsOfConnector(row)
      if (event !== undefined) events.push(event)
    }
    // After the words of listeners: they decide what a connector that is seen makes Ready.
    for (const identity of identities) events.push(...this.#newsOfEndpoint(identity))
    return events
  }

  #forget(name: string): undefined {
    this.#undecidedSince.delete(name)
    this.#drifts.delete(driftKey('tcpListener', name))
  }

  #wordOf(row: ListenerRow): ListenerReport | 'undecided' | undefined {
    const { entities, patienceMs } = this.#options
    const entity = entities.state('tcpListener', listenerEntityName(row.name))
    const drift = driftKey('tcpListener', row.name)
    if (entity.inSync) this.#drifts.delete(drift)
    const isOnNetwork = this.#index.has('connector', row.spec.routingKey)
    const isMatched = row.hasMatchingConnector || isOnNetwork
    const now = this.#options.clock.now()
    const undecidedForMs = now - (this.#undecidedSince.get(row.name) ?? now)
    const word = reportListener(row, {
      entity,
      drift: this.#withContest(listenerEntityName(row.name), this.#drifts.get(drift)),
      unfit: this.#unfit(row),
      isMatched,
      isShownOpen: isShownOpen(row) && !this.#excused.has(row.name),
      isCutOff: !this.#excused.has(row.name) && this.#isCutOff(row),
      undecidedForMs,
      // A connector that only the log has may be gone: the network says so before a closed socket counts as an error.
      patienceMs: isOnNetwork ? patienceMs : patienceMs * UNCONFIRMED_PATIENCE,
    })
    if (entity.socket === 'open') this.#excused.delete(row.name)
    if (word !== 'undecided') this.#undecidedSince.delete(row.name)
    else if (!this.#undecidedSince.has(row.name)) this.#undecidedSince.set(row.name, now)
    return word
  }

  /** What is left as others want it is not mended: whose doing that is matters more than what they did. */
  #withContest(entity: string, drift: string | undefined): string | undefined {
    const { contest } = this.#options
    if (contest.message === undefined || !contest.leaves(entity)) return drift
    return drift === undefined ? contest.message : `${contest.message}. ${drift}`
  }

  /** Whether none of its connectors can be reached: each is at another router, and there is no link to any. */
  #isCutOff({ spec, hasMatchingConnector }: ListenerRow): boolean {
    const { isAlone, network, view } = this.#options
    // Where a connector comes the link is there again: the router was only not asked for its links since.
    if (!hasMatchingConnector || !isAlone()) return false
    const id = view.link()?.id
    const own = [...network.routers()].find(({ name }) => id !== undefined && name?.endsWith(`/${id}`))
    const connectors = [...this.#index.identities('connector', spec.routingKey)]
    return own !== undefined && connectors.length > 0 && !connectors.some(each => isOfSameRouter(each, own.identity))
  }

  #newsOfListener(row: ListenerRow): RouterEvent | undefined {
    const word = this.#wordOf(row)
    return word === undefined || word === 'undecided' ? undefined : listenerEvent(row, this.#withTargets(row, word))
  }

  /** A listener whose targets the router could not all take is not as it is to be. */
  #withTargets({ name, spec }: ListenerRow, word: ListenerReport): ListenerReport {
    if (word.said === 'failed') {
      const place = { name: listenerEntityName(name), host: spec.host, port: `${spec.port}` }
      return { ...word, message: this.#withHolder(place, word.message) }
    }
    if (!spec.exposePodsByName || (word.said !== 'accepted' && word.said !== 'opened')) return word
    const failures = this.#options.view.targetsOf(name).flatMap(target => {
      const words = this.#failureOf(target)
      return words === undefined ? [] : [`target ${target.target}: ${words}`]
    })
    return failures.length === 0 ? word : { said: 'failed', message: failures.join('; ') }
  }

  /** What failed is made anew every few seconds: until its socket opens, nothing has changed for anybody. */
  #failureOf(target: ExposedTarget): string | undefined {
    const { refusal, socket, message } = this.#options.entities.state('tcpListener', target.name)
    const failed = socket === 'failed' ? this.#withHolder(target, message ?? '') : undefined
    const words = refusal ?? failed ?? (socket === 'open' ? undefined : this.#failedTargets.get(target.name)?.words)
    if (words === undefined) this.#failedTargets.delete(target.name)
    else this.#failedTargets.set(target.name, { listener: target.listener, words })
    return words
  }

  #withHolder(place: ListeningPlace, words: string): string {
    const holder = holderOf(this.#options.view, place)
    return holder === undefined ? words : `${words}: port ${place.port} is used by ${holder}`
  }

  #unfit({ spec }: ListenerRow | ConnectorRow): string | undefined {
    const { tlsCredentials: bundle } = spec
    return bundle === undefined ? undefined : this.#options.bundles.fault(bundle, bundleUse(spec))
  }

  /** What is to be said of some bundle of TLS credentials is another than before. */
  credentialsChanged(): void {
    const { view } = this.#options
    for (const { name, spec } of view.listeners()) if (spec.tlsCredentials !== undefined) this.#listeners.add(name)
    for (const { name, spec } of view.connectors()) if (spec.tlsCredentials !== undefined) this.#connectors.add(name)
    this.#start()
  }

  #newsOfConnector(row: ConnectorRow): RouterEvent | undefined {
    const { entities } = this.#options
    const entity = entities.state('tcpConnector', connectorEntityName(row.name))
    const drift = driftKey('tcpConnector', row.name)
    if (entity.inSync) this.#drifts.delete(drift)
    const drifted = this.#drifts.get(drift)
    const subject = subjectOf(row)
    const last = row.router?.generation === row.generation ? row.router : undefined
    const unfit = this.#unfit(row)
    if (unfit !== undefined) {
      const message = truncate(unfit)
      const isSaid = last?.said === 'unfit' && last.message === message
      return isSaid ? undefined : { type: 'ConnectorCredentialsUnfit', data: { ...subject, message } }
    }
    if (entity.refusal !== undefined) {
      const message = truncate(entity.refusal)
      const isSaid = last?.said === 'refused' && last.message === message
      return isSaid ? undefined : { type: 'ConnectorRefused', data: { ...subject, message } }
    }
    if (entity.inSync) return last?.said === 'accepted' ? undefined : { type: 'ConnectorAccepted', data: subject }
    const message = this.#withContest(connectorEntityName(row.name), drifted)
    if (message === undefined || (last?.said === 'drifted' && last.message === message)) return undefined
    return { type: 'ConnectorDrifted', data: { ...subject, message } }
  }

  #newsOfEndpoint(identity: string): RouterEvent[] {
    const { view, network } = this.#options
    const { namespace } = view
    const endpoint = network.endpoint(identity)
    const connector = view.seenConnector(identity)
    const listener = view.seenListener(identity)
    if (endpoint === undefined) {
      if (!network.isSettled(identity)) return []
      const isGone = listener !== undefined && this.#isGone(identity, listener)
      return [
        ...(connector === undefined ? [] : [{ type: 'ConnectorGone', data: { namespace, identity } } as const]),
        ...(isGone ? [{ type: 'ListenerGone', data: { namespace, identity } } as const] : []),
      ]
    }
    const { kind, routingKey } = endpoint
    if (kind === 'listener') {
      this.#missedSince.delete(identity)
      const isOfUse = listener !== undefined || view.connectorsOf(routingKey).length > 0
      if (!isOfUse || listener === routingKey || this.#standsFor(identity, routingKey)) return []
      return [{ type: 'ListenerSeen', data: { namespace, identity, routingKey } }]
    }
    if (connector === undefined ? !this.#isOfUse(routingKey) : isAsSeen(connector, endpoint)) return []
    if (this.#isToBeHeld(endpoint, connector)) {
      this.#held.add(identity)
      return []
    }
    return [{ type: 'ConnectorSeen', data: { namespace, identity, ...seenOf(endpoint) } }]
  }

  /**
   * A listener whose port is taken is made anew every few seconds, until it can be opened: as long as its router has
   * another of its routing key, or soon has, nothing has changed for anybody.
   */
  #isGone(identity: string, routingKey: string): boolean {
    for (const other of this.#index.identities('listener', routingKey)) {
      if (isOfSameRouter(identity, other) && this.#options.view.seenListener(other) === undefined) {
        this.#missedSince.delete(identity)
        return false
      }
    }
    const now = this.#options.clock.now()
    const since = this.#missedSince.get(identity) ?? now
    this.#missedSince.set(identity, since)
    if (now - since < LISTENER_RETURNS_MS) return false
    this.#missedSince.delete(identity)
    return true
  }

  /** Whether it took the place of one that was told of. */
  #standsFor(identity: string, routingKey: string): boolean {
    const { view, network } = this.#options
    return view
      .seenListenersOf(routingKey)
      .some(told => isOfSameRouter(told, identity) && network.endpoint(told) === undefined)
  }

  /** A network may have thousands of connectors that no listener here will ever be matched by. */
  #isOfUse(routingKey: string): boolean {
    const { view } = this.#options
    if (view.listenersOf(routingKey).length > 0) return true
    if (!routingKey.includes('.')) return false
    for (const { spec } of view.exposing()) if (routingKey.startsWith(`${spec.routingKey}.`)) return true
    return false
  }

  /**
   * Whether telling of it would make a listener Ready of whose socket nothing is known; or would say less than is about
   * to be known: the router that has it is heard of before the site that it belongs to.
   */
  #isToBeHeld({ identity, routingKey, site }: NetworkEndpoint, before: ConnectorCandidate | undefined): boolean {
    const { view, network } = this.#options
    if (before?.routingKey === routingKey) return false
    if (site === undefined && !network.isSettled(identity)) return true
    return view
      .listenersOf(routingKey)
      .some(row => row.conditions.Configured.status === 'True' && this.#wordOf(row) === 'undecided')
  }

  /**
   * What no longer holds of the words that the log has, to be told before it is told that the router is back: from then on
   * those words count again.
   */
  corrections(): RouterEvent[] {
    const { view, entities } = this.#options
    const events: RouterEvent[] = []
    for (const row of view.listeners()) {
      if (!isConfigured(row.router, row.generation)) continue
      const entity = entities.state('tcpListener', listenerEntityName(row.name))
      const word = reportListener(row, {
        entity,
        drift: entity.inSync ? undefined : LOST,
        isMatched: row.hasMatchingConnector,
        isShownOpen: false,
        isCutOff: false,
        undecidedForMs: 0,
        patienceMs: 0,
      })
      const event = word === undefined || word === 'undecided' ? undefined : listenerEvent(row, word)
      if (event !== undefined) events.push(event)
    }
    for (const row of view.connectors()) {
      if (row.router?.said !== 'accepted' || row.router.generation !== row.generation) continue
      const entity = entities.state('tcpConnector', connectorEntityName(row.name))
      if (!entity.inSync) events.push({ type: 'ConnectorDrifted', data: { ...subjectOf(row), message: LOST } })
    }
    return [...events, ...this.#unreached()]
  }

  /** A router opens a listener's socket when a connector is there, and closes it when there is none: none is there now. */
  #unreached(): RouterEvent[] {
    const { view, entities } = this.#options
    const sockets = Map.groupBy(view.listeners(), ({ spec }) => spec.routingKey)
    const isUnreached = (routingKey: string): boolean => {
      const states = (sockets.get(routingKey) ?? []).map(({ name }) =>
        entities.state('tcpListener', listenerEntityName(name)),
      )
      return states.some(({ inSync, socket }) => inSync && socket === 'closed') && !states.some(isOpen)
    }
    const { namespace } = view
    return view
      .seenConnectors()
      .filter(identity => isUnreached(view.seenConnector(identity)?.routingKey ?? ''))
      .map(identity => ({ type: 'ConnectorGone', data: { namespace, identity } }))
  }

  /** What the log says the router holds and it does not hold is no news, if only it has it again by `endExcuses`. */
  beginExcuses(): void {
    const { view, entities } = this.#options
    for (const { name } of view.listeners()) {
      if (!entities.state('tcpListener', listenerEntityName(name)).inSync) this.#excused.add(name)
    }
  }

  /** What the log says the router holds and it still does not hold, is to be told now. */
  endExcuses(): void {
    const { view, entities } = this.#options
    for (const name of this.#excused) this.#listeners.add(name)
    this.#excused.clear()
    for (const row of view.listeners()) {
      const name = listenerEntityName(row.name)
      if (isConfigured(row.router, row.generation) && !entities.state('tcpListener', name).inSync) {
        this.drifted('tcpListener', name, LOST)
      }
    }
    for (const row of view.connectors()) {
      const name = connectorEntityName(row.name)
      const isAccepted = row.router?.said === 'accepted' && row.router.generation === row.generation
      if (isAccepted && !entities.state('tcpConnector', name).inSync) this.drifted('tcpConnector', name, LOST)
    }
    this.#start()
  }

  /** The router has lost its last link, or has one again. */
  linksChanged(): void {
    for (const { name } of this.#options.view.listeners()) this.#listeners.add(name)
    this.#start()
  }

  /** Tries again what could not be decided. */
  lookedAgain(): void {
    for (const name of this.#undecidedSince.keys()) this.#listeners.add(name)
    for (const identity of [...this.#held, ...this.#missedSince.keys()]) this.#identities.add(identity)
    if (this.#hasWork()) this.#start()
  }

  /** Resolves when nothing is being written any more. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#unsubscribe()
    await this.#running
  }
}

const isOpen = ({ socket }: EntityState): boolean => socket === 'open'

const isOfSameRouter = (a: string, b: string): boolean =>
  a.slice(0, a.lastIndexOf(':')) === b.slice(0, b.lastIndexOf(':'))

/** What is said of an entity that a router had, and has not since it came back. */
const LOST = 'The router does not have it any more: it is being given again'

const driftKey = (type: DrivenType, name: string): string => `${type} ${name}`
