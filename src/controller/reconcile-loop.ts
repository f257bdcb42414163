import { MANAGED_TYPES, type ManagedType } from '../../schemas/router-entities.ts'
import type { Clock } from '../lib/clock.ts'
import { type Management, RouterUnreachable } from '../router/amqp/management.ts'
import type { RouterSession } from '../router/amqp/session.ts'
import { withAvailableProfiles } from './certificates/available-profiles.ts'
import type { BundleFolder } from './certificates/bundle-folder.ts'
import { CredentialsWatch } from './certificates/credentials-watch.ts'
import { managementType } from './entities/managed-entity.ts'
import { EntityReconciler } from './entities/reconciler.ts'
import { RouterConnections } from './entities/router-connections.ts'
import type { ToWrite } from './event-writer.ts'
import type { DriverConflict } from './lease/driver-conflict.ts'
import type { FindPortHolder } from './port-holders/port-holder.ts'
import { ListenerProbes } from './probing/listener-probes.ts'
import { StatusReporter } from './reports/status-reporter.ts'
import type { SiteChange, SiteState } from './site-state.ts'
import type { Activity } from './stats.ts'

const RESYNC_MS = 5000
const FULL_RESYNC_EVERY = 6
/** The longest time for which a closed socket is shown as Ready. */
const OPEN_SOCKETS_MS = 1000
const FAILURE_MS = 1000
const PENDING_MS = 100
/** A slow router rests four times its last response's duration… */
const REST_PER_ROUND = 4
/** …but no longer than this while something is pending. */
const LONGEST_REST_MS = 400

interface ReconcileLoopOptions {
  readonly session: RouterSession
  readonly site: SiteState
  readonly bundles: BundleFolder
  readonly host: string
  readonly activity: Activity
  readonly traced: (management: Management) => Management
  readonly conflict: DriverConflict
  readonly clock: Clock
  readonly findPortHolder: FindPortHolder | undefined
  readonly hasLease: () => boolean
  readonly write: (events: ToWrite) => Promise<void>
  readonly openTimeoutMs: number
  /** A time of the clock; a returned router may lack entities until then. */
  readonly graceEndsAt: number
  readonly onConnected: () => void
  readonly onObserved: () => void
  readonly onConflict: (message: string | undefined) => void
}

export class ReconcileLoop {
  readonly #options: ReconcileLoopOptions
  readonly #clock: Clock
  readonly #management: Management
  readonly #connections: RouterConnections
  readonly #entities: EntityReconciler
  readonly #reporter: StatusReporter
  readonly #failure = new AbortController()
  #wake = new AbortController()
  #lastRoundMs = 0
  #resyncs = 0
  #nextResyncAt: number

  constructor(options: ReconcileLoopOptions) {
    this.#options = options
    const { session, site, bundles, activity, conflict, clock, hasLease, write, openTimeoutMs, findPortHolder } =
      options
    this.#clock = clock
    this.#nextResyncAt = clock.now() + RESYNC_MS
    this.#management = options.traced(activity.counting(session.management))
    this.#connections = new RouterConnections(this.#management)
    const onFailure = (error: unknown) => this.#failure.abort(error)
    this.#entities = new EntityReconciler({
      management: this.#management,
      site: withAvailableProfiles(site, bundles),
      conflict,
      clock,
      hasLease,
      onChange: (type, name) => this.#reporter.entityChanged(type, name),
      onDrift: (type, name, message) => this.#reporter.drifted(type, name, message),
      onFailure,
    })
    this.#reporter = new StatusReporter({
      site,
      entities: this.#entities,
      network: session.network,
      bundles,
      isAlone: () => this.#connections.isAlone,
      findPortHolder,
      conflict,
      clock,
      write,
      openTimeoutMs,
      onWait: () => this.#wake.abort(),
      onFailure,
    })
  }

  async run(aborted: AbortSignal): Promise<never> {
    const { session, site } = this.#options
    let probes: ListenerProbes | undefined
    const signal = AbortSignal.any([aborted, session.signal, this.#failure.signal])
    const unsubscribe = site.onChange(
      change => this.#onSiteChange(change),
      error => this.#failure.abort(error),
    )
    try {
      await this.#begin()
      this.#watchCredentials(signal)
      probes = this.#createProbes()
      for (;;) {
        await this.#rest(signal)
        await this.#round()
      }
    } catch (error) {
      throw signal.aborted ? signal.reason : error
    } finally {
      unsubscribe()
      await probes?.close()
      await this.#reporter.close()
      await session.close()
    }
  }

  #createProbes(): ListenerProbes {
    const { site, host: routerHost, hasLease, write, activity } = this.#options
    return new ListenerProbes({
      site,
      routerHost,
      hasLease,
      write,
      clock: this.#clock,
      onProbed: ({ outcome }) => {
        activity.probes[outcome] += 1
      },
      onFailure: error => this.#failure.abort(error),
    })
  }

  #watchCredentials(signal: AbortSignal): void {
    const { site, bundles } = this.#options
    const onChange = () => {
      this.#entities.reconcile(site.desired())
      this.#reporter.resourcesChanged()
    }
    const watch = new CredentialsWatch({ management: this.#management, site, bundles, clock: this.#clock, onChange })
    watch.run(signal).catch(error => this.#failure.abort(error))
  }

  #onSiteChange(change: SiteChange | 'everything'): void {
    if (change === 'everything') {
      this.#entities.reconcile(this.#options.site.desired())
      this.#reporter.everythingChanged()
      return
    }
    this.#entities.reconcile(change.entities)
    this.#reporter.siteChanged(change)
  }

  async #begin(): Promise<void> {
    const { site, write, graceEndsAt, onConnected } = this.#options
    const [router] = await this.#management.query(managementType('router'), ['id'])
    if (typeof router?.id !== 'string') throw new RouterUnreachable('The peer is not a router: it has no id')
    const { id } = router
    // Before entities, because other clients explain differences.
    await this.#connections.observe()
    this.#options.conflict.update(this.#connections.containers)
    await this.#entities.observe()
    let isBack = false
    // Decided when it is written, because RouterLost may precede it in the queue.
    await write(() => {
      const connection = site.connection()
      isBack = connection?.connection !== 'Connected'
      if (!isBack && connection?.id === id) return []
      const corrections = isBack ? this.#reporter.corrections() : []
      return [...corrections, { type: 'RouterConnected', data: { namespace: site.namespace, id } }]
    })
    onConnected()
    if (!isBack) this.#suppressDriftUntil(graceEndsAt)
    this.#reporter.everythingChanged()
  }

  #suppressDriftUntil(time: number): void {
    this.#reporter.beginSuppression()
    const timer = this.#clock.setTimeout(() => this.#reporter.endSuppression(), Math.max(0, time - this.#clock.now()))
    this.#options.session.signal.addEventListener('abort', () => timer.cancel(), { once: true })
  }

  async #rest(signal: AbortSignal): Promise<void> {
    const least = Math.min(LONGEST_REST_MS, Math.max(PENDING_MS, this.#lastRoundMs * REST_PER_ROUND))
    await this.#clock.sleep(least, signal)
    if (this.#reporter.isWaiting || this.#entities.needsFullObservation) return
    const rest = Math.min(this.#untilNextRoundMs() - least, this.#nextResyncAt - this.#clock.now())
    this.#wake = new AbortController()
    const awake = AbortSignal.any([signal, this.#wake.signal])
    await this.#clock.sleep(Math.max(0, rest), awake).catch(() => signal.throwIfAborted())
  }

  #untilNextRoundMs(): number {
    if (this.#options.conflict.isSuspected || this.#entities.hasFailures) return FAILURE_MS
    return this.#entities.hasOpenSockets ? OPEN_SOCKETS_MS : Number.POSITIVE_INFINITY
  }

  async #round(): Promise<void> {
    const begun = this.#clock.now()
    if (this.#entities.hasFailures) this.#entities.retry()
    const isResync = this.#entities.needsFullObservation || begun >= this.#nextResyncAt
    await Promise.all([isResync ? this.#resync() : this.#entities.observeSockets(), this.#observeConnections()])
    this.#lastRoundMs = this.#clock.now() - begun
    this.#options.onObserved()
    await this.#updateContest()
    this.#reporter.retryPending()
  }

  async #resync(): Promise<void> {
    const begun = this.#clock.now()
    this.#resyncs += 1
    // Only something else can have created entities of unused types.
    const types: readonly ManagedType[] =
      this.#resyncs % FULL_RESYNC_EVERY === 0 ? MANAGED_TYPES : this.#entities.typesInUse
    await this.#entities.observe(types)
    this.#options.activity.countRound(this.#clock.now() - begun)
    this.#nextResyncAt = this.#clock.now() + RESYNC_MS
  }

  async #observeConnections(): Promise<void> {
    const wasAlone = this.#connections.isAlone
    await this.#connections.observe()
    if (wasAlone !== this.#connections.isAlone) this.#reporter.resourcesChanged()
  }

  async #updateContest(): Promise<void> {
    const { conflict, activity, site, write, onConflict } = this.#options
    if (conflict.update(this.#connections.containers)) this.#entities.reconcileAll()
    const { message } = conflict
    const { namespace } = site
    activity.isContested = message !== undefined
    if (message === site.connection()?.contested) return
    onConflict(message)
    await write(() => {
      if (message === site.connection()?.contested) return []
      return [
        message === undefined
          ? { type: 'RouterUncontested', data: { namespace } }
          : { type: 'RouterContested', data: { namespace, message } },
      ]
    })
    this.#reporter.everythingChanged()
  }
}
