import type { ConnectorRow } from '../../../projections/connector-status.ts'
import type { ListenerRow } from '../../../projections/listener-status.ts'
import type { RouterEvent } from '../../../schemas/events/events.ts'
import type { Clock } from '../../lib/clock.ts'
import type { NetworkView } from '../../router/vanflow/network-view.ts'
import type { BundleFolder } from '../certificates/bundle-folder.ts'
import { bundleUse } from '../certificates/bundle-use.ts'
import type { EntityState } from '../entities/entity-record.ts'
import { connectorEntityName, listenerEntityName, resourceName } from '../entities/managed-entity.ts'
import type { EntityReconciler } from '../entities/reconciler.ts'
import type { DriverConflict } from '../lease/driver-conflict.ts'
import type { InUseReports } from '../port-holders/in-use-reports.ts'
import type { ManagedType, SiteState } from '../site-state.ts'
import { type EndpointIndex, isOfSameRouter } from './endpoint-index.ts'
import { type ListenerReport, reportListener } from './listener-report.ts'
import { isConfigured, isShownOpen, listenerEvent, subjectOf, truncate } from './router-events.ts'
import { TargetFailures } from './target-failures.ts'

/** Applies to connectors that are not seen on the network. */
const UNCONFIRMED_PATIENCE = 2

/** The message for an entity that a returned router lacks. */
const LOST = 'The router does not have it any more: it is being given again'

export interface ResourceReportsOptions {
  readonly site: SiteState
  readonly entities: Pick<EntityReconciler, 'state'>
  readonly network: NetworkView
  readonly index: EndpointIndex
  readonly bundles: BundleFolder
  readonly conflict: Pick<DriverConflict, 'yields' | 'message'>
  readonly clock: Pick<Clock, 'now'>
  readonly isAlone: () => boolean
  /** Undefined if processes beside the router cannot be searched. */
  readonly inUse?: Pick<InUseReports, 'amend' | 'forget'> | undefined
  /** The time after which a matched listener's closed socket counts as failed. */
  readonly patienceMs: number
}

export class ResourceReports {
  readonly #options: ResourceReportsOptions
  readonly #targets: TargetFailures
  readonly #drifts = new Map<string, string>()
  readonly #undecidedSince = new Map<string, number>()
  /** Missing after a return within the grace period. */
  readonly #suppressed = new Set<string>()

  constructor(options: ResourceReportsOptions) {
    this.#options = options
    this.#targets = new TargetFailures(options.site, options.entities)
  }

  get undecided(): ReadonlySet<string> {
    return new Set(this.#undecidedSince.keys())
  }

  addDrift(type: ManagedType, entityName: string, message: string): void {
    this.#drifts.set(driftKey(type, resourceName(entityName)), message)
  }

  releaseTarget(entityName: string): string | undefined {
    return this.#targets.release(entityName)
  }

  forgetListener(name: string): void {
    this.#options.inUse?.forget(name)
    this.#undecidedSince.delete(name)
    this.#drifts.delete(driftKey('tcpListener', name))
  }

  listenerEvent(row: ListenerRow): RouterEvent | undefined {
    const report = this.listenerReport(row)
    if (report === undefined || report === 'undecided') return undefined
    return listenerEvent(row, this.#targets.amend(row, report))
  }

  listenerReport(row: ListenerRow): ListenerReport | 'undecided' | undefined {
    const { entities, index, clock, inUse, patienceMs } = this.#options
    const entity = entities.state('tcpListener', listenerEntityName(row.name))
    const isSuppressed = this.#suppressed.has(row.name)
    const isOnNetwork = index.has('connector', row.spec.routingKey)
    const now = clock.now()
    const found = reportListener(row, {
      entity,
      drift: this.#drift('tcpListener', listenerEntityName(row.name), entity),
      unfit: this.#unfit(row),
      isMatched: row.hasMatchingConnector || isOnNetwork,
      isShownOpen: isShownOpen(row) && !isSuppressed,
      isCutOff: !isSuppressed && this.#isCutOff(row),
      undecidedForMs: now - (this.#undecidedSince.get(row.name) ?? now),
      // The network may show first that the log's connector is gone.
      patienceMs: isOnNetwork ? patienceMs : patienceMs * UNCONFIRMED_PATIENCE,
    })
    const report =
      inUse === undefined || found === undefined || found === 'undecided' ? found : inUse.amend(row.name, found)
    if (entity.socket === 'open') this.#suppressed.delete(row.name)
    if (report !== 'undecided') this.#undecidedSince.delete(row.name)
    else if (!this.#undecidedSince.has(row.name)) this.#undecidedSince.set(row.name, now)
    return report
  }

  connectorEvent(row: ConnectorRow): RouterEvent | undefined {
    const entityName = connectorEntityName(row.name)
    const entity = this.#options.entities.state('tcpConnector', entityName)
    const drift = this.#drift('tcpConnector', entityName, entity)
    const subject = subjectOf(row)
    const last = row.router?.generation === row.generation ? row.router : undefined
    const isNews = (state: string, message: string) => last?.state !== state || last.message !== message
    const unfit = this.#unfit(row)
    if (unfit !== undefined) {
      const message = truncate(unfit)
      return isNews('unfit', message) ? { type: 'ConnectorCredentialsUnfit', data: { ...subject, message } } : undefined
    }
    if (entity.refusal !== undefined) {
      const message = truncate(entity.refusal)
      return isNews('refused', message) ? { type: 'ConnectorRefused', data: { ...subject, message } } : undefined
    }
    if (entity.inSync) return last?.state === 'accepted' ? undefined : { type: 'ConnectorAccepted', data: subject }
    if (drift === undefined || !isNews('drifted', drift)) return undefined
    return { type: 'ConnectorDrifted', data: { ...subject, message: drift } }
  }

  #drift(type: ManagedType, entityName: string, { inSync }: EntityState): string | undefined {
    const { conflict } = this.#options
    const key = driftKey(type, resourceName(entityName))
    if (inSync) this.#drifts.delete(key)
    const drift = this.#drifts.get(key)
    if (conflict.message === undefined || !conflict.yields(entityName)) return drift
    return drift === undefined ? conflict.message : `${conflict.message}. ${drift}`
  }

  #isCutOff({ spec, hasMatchingConnector }: ListenerRow): boolean {
    const { isAlone, network, site, index } = this.#options
    // A new connector shows a link before the router is queried for links.
    if (!hasMatchingConnector || !isAlone()) return false
    const id = site.connection()?.id
    const own = [...network.routers()].find(({ name }) => id !== undefined && name?.endsWith(`/${id}`))
    const connectors = [...index.identities('connector', spec.routingKey)]
    return own !== undefined && connectors.length > 0 && !connectors.some(each => isOfSameRouter(each, own.identity))
  }

  #unfit({ spec }: ListenerRow | ConnectorRow): string | undefined {
    const { tlsCredentials: bundle } = spec
    return bundle === undefined ? undefined : this.#options.bundles.fault(bundle, bundleUse(spec))
  }

  corrections(): RouterEvent[] {
    const { site } = this.#options
    const listeners = [...site.listeners()].flatMap(row => this.#listenerCorrection(row) ?? [])
    const connectors = this.#lostConnectors().map(
      row => ({ type: 'ConnectorDrifted', data: { ...subjectOf(row), message: LOST } }) as const,
    )
    return [...listeners, ...connectors]
  }

  #listenerCorrection(row: ListenerRow): RouterEvent | undefined {
    if (!isConfigured(row.router, row.generation)) return undefined
    const entity = this.#options.entities.state('tcpListener', listenerEntityName(row.name))
    const report = reportListener(row, {
      entity,
      drift: entity.inSync ? undefined : LOST,
      isMatched: row.hasMatchingConnector,
      isShownOpen: false,
      isCutOff: false,
      undecidedForMs: 0,
      patienceMs: 0,
    })
    return report === undefined || report === 'undecided' ? undefined : listenerEvent(row, report)
  }

  beginSuppression(): void {
    const { site, entities } = this.#options
    for (const { name } of site.listeners()) {
      if (!entities.state('tcpListener', listenerEntityName(name)).inSync) this.#suppressed.add(name)
    }
  }

  endSuppression(): { readonly listeners: readonly string[]; readonly connectors: readonly string[] } {
    const { site, entities } = this.#options
    const listeners = [...this.#suppressed]
    this.#suppressed.clear()
    for (const row of site.listeners()) {
      const entityName = listenerEntityName(row.name)
      if (!isConfigured(row.router, row.generation) || entities.state('tcpListener', entityName).inSync) continue
      this.addDrift('tcpListener', entityName, LOST)
      listeners.push(row.name)
    }
    const connectors = this.#lostConnectors().map(({ name }) => name)
    for (const name of connectors) this.addDrift('tcpConnector', connectorEntityName(name), LOST)
    return { listeners, connectors }
  }

  #lostConnectors(): ConnectorRow[] {
    const { site, entities } = this.#options
    return [...site.connectors()].filter(
      ({ name, router, generation }) =>
        router?.state === 'accepted' &&
        router.generation === generation &&
        !entities.state('tcpConnector', connectorEntityName(name)).inSync,
    )
  }
}

const driftKey = (type: ManagedType, name: string): string => `${type} ${name}`
