import type { ConnectorCandidate } from '../../../projections/listener-status.ts'
import type { RouterEvent } from '../../../schemas/events/events.ts'
import { entityName, entityType } from '../../../schemas/router-entities.ts'
import type { Clock } from '../../lib/clock.ts'
import type { NetworkEndpoint, NetworkView } from '../../router/vanflow/network-view.ts'
import type { Resource, SiteState } from '../site-state.ts'
import { type EndpointIndex, isOfSameRouter } from './endpoint-index.ts'
import type { EntityStates } from './target-failures.ts'

/** A router may take so long to recreate a listener. */
const LISTENER_ABSENCE_MS = 3000

interface NetworkReportsOptions {
  readonly site: SiteState
  readonly entities: EntityStates
  readonly network: NetworkView
  readonly index: EndpointIndex
  readonly clock: Pick<Clock, 'now'>
  readonly isUndecided: (resource: Resource) => boolean
}

export class NetworkReports {
  readonly #options: NetworkReportsOptions
  readonly #pending = new Set<string>()
  readonly #absentSince = new Map<string, number>()

  constructor(options: NetworkReportsOptions) {
    this.#options = options
  }

  get hasPending(): boolean {
    return this.#pending.size > 0
  }

  get retriable(): readonly string[] {
    return [...this.#pending, ...this.#absentSince.keys()]
  }

  takePending(): ReadonlySet<string> {
    const pending = new Set(this.#pending)
    this.#pending.clear()
    return pending
  }

  events(identity: string): RouterEvent[] {
    const endpoint = this.#options.network.endpoint(identity)
    if (endpoint === undefined) return this.#absence(identity)
    return endpoint.kind === 'listener' ? this.#listener(endpoint) : this.#connector(endpoint)
  }

  #absence(identity: string): RouterEvent[] {
    const { site, network } = this.#options
    if (!network.isSettled(identity)) return []
    const { namespace } = site
    const routingKey = site.seenListener(identity)
    const isListenerGone = routingKey !== undefined && this.#isGone(identity, routingKey)
    return [
      ...(site.seenConnector(identity) === undefined ? [] : [connectorGone(namespace, identity)]),
      ...(isListenerGone ? [{ type: 'ListenerGone', data: { namespace, identity } } as const] : []),
    ]
  }

  #listener({ identity, routingKey }: NetworkEndpoint): RouterEvent[] {
    const { site } = this.#options
    this.#absentSince.delete(identity)
    const reported = site.seenListener(identity)
    const isRelevant = reported !== undefined || site.matching('listener', routingKey).length > 0
    if (!isRelevant || reported === routingKey || this.#replacesReported(identity, routingKey)) return []
    return [{ type: 'ListenerSeen', data: { namespace: site.namespace, identity, routingKey } }]
  }

  #connector(endpoint: NetworkEndpoint): RouterEvent[] {
    const { site } = this.#options
    const { identity, routingKey } = endpoint
    const reported = site.seenConnector(identity)
    const seen = seenOf({ ...endpoint, site: site.siteOf(endpoint) })
    if (reported === undefined ? !this.#isRelevant(routingKey) : matchesReported(reported, seen)) return []
    if (this.#mustWait(endpoint, reported)) {
      this.#pending.add(identity)
      return []
    }
    return [{ type: 'ConnectorSeen', data: { namespace: site.namespace, identity, ...seen } }]
  }

  /** A listener whose port is taken is recreated every few seconds with a new identity. */
  #isGone(identity: string, routingKey: string): boolean {
    const { index, site, clock } = this.#options
    for (const other of index.identities('listener', routingKey)) {
      if (isOfSameRouter(identity, other) && site.seenListener(other) === undefined) {
        this.#absentSince.delete(identity)
        return false
      }
    }
    const now = clock.now()
    const since = this.#absentSince.get(identity) ?? now
    this.#absentSince.set(identity, since)
    if (now - since < LISTENER_ABSENCE_MS) return false
    this.#absentSince.delete(identity)
    return true
  }

  #replacesReported(identity: string, routingKey: string): boolean {
    const { site, network } = this.#options
    return site
      .seenListenersOf(routingKey)
      .some(reported => isOfSameRouter(reported, identity) && network.endpoint(reported) === undefined)
  }

  #isRelevant(routingKey: string): boolean {
    const { site } = this.#options
    if (site.matching('connector', routingKey).length > 0) return true
    if (!routingKey.includes('.')) return false
    for (const { spec } of site.exposing()) if (routingKey.startsWith(`${spec.routingKey}.`)) return true
    return false
  }

  /**
   * Keeps an event from making a listener with an undecided socket Ready, or lacking its site: VanFlow reports a router before
   * its site.
   */
  #mustWait(endpoint: NetworkEndpoint, reported: ConnectorCandidate | undefined): boolean {
    const { site, network, isUndecided } = this.#options
    const { identity, routingKey } = endpoint
    if (reported?.routingKey === routingKey) return false
    if (endpoint.site === undefined && !network.isSettled(identity)) return true
    return site
      .matching('connector', routingKey)
      .some(resource => resource.row.conditions.Configured.status === 'True' && isUndecided(resource))
  }

  /**
   * A router opens a listener's socket while there is a connector: a closed socket shows that the log's connectors are gone.
   */
  corrections(): RouterEvent[] {
    const { site, entities } = this.#options
    const isUnreachable = (routingKey: string): boolean => {
      const states = site
        .matching('connector', routingKey)
        .map(({ kind, row }) => entities.state(entityType(kind), entityName(kind, row.name)))
      const isOpen = states.some(({ socket }) => socket === 'open')
      return !isOpen && states.some(({ inSync, socket }) => inSync && socket === 'closed')
    }
    return site
      .seenConnectors()
      .filter(identity => isUnreachable(site.seenConnector(identity)?.routingKey ?? ''))
      .map(identity => connectorGone(site.namespace, identity))
  }
}

const connectorGone = (namespace: string, identity: string): RouterEvent => ({
  type: 'ConnectorGone',
  data: { namespace, identity },
})

const CONNECTOR = entityName('Connector', '')

export const seenOf = ({ routingKey, site, name, host, port }: NetworkEndpoint) => ({
  routingKey,
  ...(site !== undefined && { site }),
  ...(name !== undefined && { name: name.startsWith(CONNECTOR) ? name.slice(CONNECTOR.length) : name }),
  ...(host !== undefined && { host }),
  ...(port !== undefined && { port }),
})

/** Attributes that VanFlow has not sent yet do not count as changed. */
const matchesReported = (before: ConnectorCandidate, seen: ReturnType<typeof seenOf>): boolean =>
  Object.entries(seen).every(([name, value]) => before[name as keyof ConnectorCandidate] === value)
