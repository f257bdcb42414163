import type { Clock } from '../lib/clock.ts'
import { type Management, RouterUnreachable } from '../router/amqp/management.ts'
import type { RouterSession } from '../router/amqp/session.ts'
import { withFoundProfiles } from './certificates/available-profiles.ts'
import type { BundleFolder } from './certificates/bundle-folder.ts'
import { CredentialsWatch } from './certificates/credentials-watch.ts'
import { managementType } from './entities/managed-entity.ts'
import { EntityReconciler } from './entities/reconciler.ts'
import { RouterConnections } from './entities/router-connections.ts'
import type { ToWrite } from './event-writer.ts'
import type { Contest } from './lease/contest.ts'
import { ListenerProbes } from './probing/listener-probes.ts'
import { type DrivenType, MANAGED_TYPES, type SiteChange, type SiteState } from './site-state.ts'
import type { Activity } from './stats.ts'
import { Reporter } from './status/status-reporter.ts'

/** From one look at all that a router holds to the next. */
const LOOK_MS = 5000
/** So often a look asks for types as well that are not in use. */
const WHOLE_LOOK_EVERY = 6
/** From one glance to the next while a socket is open: what closes is not shown to be Ready for much longer. */
const OPEN_GLANCE_MS = 1000
/** While something was refused or could not be opened. */
const TROUBLED_GLANCE_MS = 1000
/** While a socket is about to open, or was just found closed. */
const FAST_GLANCE_MS = 100
/** A router that takes long to tell is asked less often, so that it has time for others… */
const REST_PER_GLANCE = 4
/** …but is never left alone for longer than this while something is awaited. */
const LONGEST_REST_MS = 400

export interface AttendanceOptions {
  readonly session: RouterSession
  readonly view: SiteState
  readonly bundles: BundleFolder
  /** Where the router's management is. */
  readonly host: string
  readonly activity: Activity
  readonly contest: Contest
  readonly clock: Clock
  readonly mayDrive: () => boolean
  readonly write: (events: ToWrite) => Promise<void>
  readonly graceMs: number
  readonly patienceMs: number
  /** Until this moment of the process's clock it is no news that a router does not have what it had before. */
  readonly excusedUntil: number
  readonly onHeard: () => void
  /** The router has answered what it holds. */
  readonly onAnswer: () => void
  /** Somebody else drives the router as well; without a message: nobody does any more. */
  readonly onContest: (message: string | undefined) => void
}

/** Attends to a router for as long as one connection to it lasts. */
export class ReconcileLoop {
  readonly #options: AttendanceOptions
  readonly #clock: Clock
  readonly #management: Management
  readonly #connections: RouterConnections
  readonly #entities: EntityReconciler
  readonly #reporter: Reporter
  readonly #over = new AbortController()
  #wake = new AbortController()

  constructor(options: AttendanceOptions) {
    this.#options = options
    const { session, view, bundles, activity, contest, clock, mayDrive, write, patienceMs } = options
    this.#clock = clock
    this.#nextLookAt = clock.now() + LOOK_MS
    this.#management = activity.counting(session.management)
    this.#connections = new RouterConnections(this.#management)
    const onFailure = (error: unknown) => this.#over.abort(error)
    this.#entities = new EntityReconciler({
      management: this.#management,
      view: withFoundProfiles(view, bundles),
      contest,
      clock,
      mayDrive,
      onChange: (type, name) => this.#reporter.entityChanged(type, name),
      onDrift: (type, name, message) => this.#reporter.drifted(type, name, message),
      onFailure,
    })
    this.#reporter = new Reporter({
      view,
      entities: this.#entities,
      network: session.network,
      bundles,
      isAlone: () => this.#connections.isAlone,
      contest,
      clock,
      write,
      patienceMs,
      onWait: () => this.#wake.abort(),
      onFailure,
    })
  }

  /**
   * Resolves never: it goes on until the connection is gone or the signal is aborted.
   *
   * @throws RouterUnreachable, RouterRefusal, or the signal's reason; then the session is closed
   */
  async run(given: AbortSignal): Promise<never> {
    const { session, view, host: routerHost, mayDrive, write, activity } = this.#options
    let probes: ListenerProbes | undefined
    const signal = AbortSignal.any([given, session.signal, this.#over.signal])
    const unsubscribe = view.onChange(
      change => this.#take(change),
      error => this.#over.abort(error),
    )
    try {
      await this.#begin()
      this.#watchCredentials(signal)
      probes = new ListenerProbes({
        view,
        routerHost,
        mayDrive,
        write,
        clock: this.#clock,
        onProbed: ({ found }) => {
          activity.probes[found] += 1
        },
        onFailure: error => this.#over.abort(error),
      })
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

  #watchCredentials(signal: AbortSignal): void {
    const { view, bundles } = this.#options
    const onNews = () => {
      this.#entities.reconcile(view.desired())
      this.#reporter.credentialsChanged()
    }
    const watch = new CredentialsWatch({ management: this.#management, view, bundles, clock: this.#clock, onNews })
    watch.untilOver(signal).catch(error => this.#over.abort(error))
  }

  #take(change: SiteChange | 'everything'): void {
    if (change === 'everything') {
      this.#entities.reconcile(this.#options.view.desired())
      this.#reporter.everythingChanged()
      return
    }
    this.#entities.reconcile(change.entities)
    this.#reporter.siteChanged(change)
  }

  async #begin(): Promise<void> {
    const { view, write, excusedUntil, onHeard } = this.#options
    const [router] = await this.#management.query(managementType('router'), ['id'])
    if (typeof router?.id !== 'string') throw new RouterUnreachable('what answers is no router: it has no id')
    const { id } = router
    // Who else is there decides what may be made of what is found.
    await this.#connections.look()
    this.#options.contest.review(this.#connections.containers)
    await this.#entities.observe()
    let isBack = false
    // Decided when its turn to be written comes: that the router was lost may still be on its way into the log.
    await write(() => {
      const link = view.link()
      isBack = link?.connection !== 'Connected'
      if (!isBack && link?.id === id) return []
      const corrections = isBack ? this.#reporter.corrections() : []
      return [...corrections, { type: 'RouterConnected', data: { namespace: view.namespace, id } }]
    })
    onHeard()
    if (!isBack) this.#excuse(excusedUntil)
    this.#reporter.everythingChanged()
  }

  /** A loss shorter than the grace period is no news, if only the router has everything again by then. */
  #excuse(until: number): void {
    this.#reporter.beginExcuses()
    const timer = this.#clock.setTimeout(() => this.#reporter.endExcuses(), Math.max(0, until - this.#clock.now()))
    this.#options.session.signal.addEventListener('abort', () => timer.cancel(), { once: true })
  }

  #lastAskedMs = 0
  #looks = 0
  #nextLookAt: number

  async #rest(signal: AbortSignal): Promise<void> {
    const least = Math.min(LONGEST_REST_MS, Math.max(FAST_GLANCE_MS, this.#lastAskedMs * REST_PER_GLANCE))
    await this.#clock.sleep(least, signal)
    if (this.#reporter.isWaiting || this.#entities.needsFullObservation) return
    const rest = Math.min(this.#untilGlanceMs() - least, this.#nextLookAt - this.#clock.now())
    this.#wake = new AbortController()
    await this.#clock
      .sleep(Math.max(0, rest), AbortSignal.any([signal, this.#wake.signal]))
      .catch(() => signal.throwIfAborted())
  }

  #untilGlanceMs(): number {
    if (this.#options.contest.isSuspected) return TROUBLED_GLANCE_MS
    if (this.#entities.hasFailures) return TROUBLED_GLANCE_MS
    return this.#entities.hasOpenSockets ? OPEN_GLANCE_MS : Number.POSITIVE_INFINITY
  }

  /** What there is none of, and is to be none of, may only have come from others: that is asked less often. */
  #typesToAsk(): readonly DrivenType[] {
    this.#looks += 1
    return this.#looks % WHOLE_LOOK_EVERY === 0 ? MANAGED_TYPES : this.#entities.typesInUse
  }

  /** Asks the router, with all that follows from what it answers. */
  async #round(): Promise<void> {
    const begun = this.#clock.now()
    if (this.#entities.hasFailures) this.#entities.retry()
    const isLook = this.#entities.needsFullObservation || begun >= this.#nextLookAt
    await Promise.all([isLook ? this.#look() : this.#entities.observeSockets(), this.#lookAtConnections()])
    this.#lastAskedMs = this.#clock.now() - begun
    this.#options.onAnswer()
    await this.#reviewContest()
    this.#reporter.lookedAgain()
  }

  async #reviewContest(): Promise<void> {
    const { contest, activity, view, write, onContest } = this.#options
    if (contest.review(this.#connections.containers)) this.#entities.reconcileAll()
    const { message } = contest
    const { namespace } = view
    activity.isContested = message !== undefined
    if (message === view.link()?.contested) return
    onContest(message)
    await write(() => {
      if (message === view.link()?.contested) return []
      return [
        message === undefined
          ? { type: 'RouterUncontested', data: { namespace } }
          : { type: 'RouterContested', data: { namespace, message } },
      ]
    })
    this.#reporter.everythingChanged()
  }

  async #lookAtConnections(): Promise<void> {
    const wasAlone = this.#connections.isAlone
    await this.#connections.look()
    if (wasAlone !== this.#connections.isAlone) this.#reporter.linksChanged()
  }

  async #look(): Promise<void> {
    const begun = this.#clock.now()
    await this.#entities.observe(this.#typesToAsk())
    this.#options.activity.countRound(this.#clock.now() - begun)
    this.#nextLookAt = this.#clock.now() + LOOK_MS
  }
}
