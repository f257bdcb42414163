import type { RouterEvent } from '../../schemas/events/events.ts'
import { BEGINNING } from '../../schemas/events/recorded-event.ts'
import { DEFAULT_CERTIFICATES } from '../../schemas/router-entities.ts'
import type { Engine } from '../engine/engine.ts'
import { StoreUnavailable } from '../event-store/event-store.ts'
import { abortable } from '../lib/abortable.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import { type Backoff, backoffMs } from '../lib/retry.ts'
import { throttle } from '../lib/throttle.ts'
import { connectRouter } from '../router/amqp/connect.ts'
import { RouterRefusal, RouterUnreachable } from '../router/amqp/management.ts'
import type { RouterSession, RouterSettings } from '../router/amqp/session.ts'
import { readUrl } from '../router/amqp/socket.ts'
import { BundleFolder } from './certificates/bundle-folder.ts'
import type { RouterEventWriter, ToWrite } from './event-writer.ts'
import { DriverConflict } from './lease/driver-conflict.ts'
import { type Lease, LeaseLost } from './lease/lease.ts'
import { RouterLiveness } from './lease/liveness.ts'
import { WatchInterrupted, WatchMonitor } from './lease/watch-monitor.ts'
import { findHolderBeside } from './port-holders/linux-processes.ts'
import type { FindPortHolder } from './port-holders/port-holder.ts'
import { ReconcileLoop } from './reconcile-loop.ts'
import { unobservedSince, unobservedUntilNow } from './reports/unobserved.ts'
import type { ControllerServices } from './services.ts'
import type { SiteState } from './site-state.ts'
import { Activity, type RouterActivity } from './stats.ts'

/** Added to the grace period, whose default equals the silence after which a VanFlow source is lost. */
const OPENING_MARGIN_MS = 2000
const RECONNECT: Backoff = { firstMs: 250, longestMs: 2000 }
const RETRY_MS = 1000
const LAST_WRITE_MS = 1000
const OUTAGE_LOG_MS = 60_000

interface RouterControllerOptions {
  readonly engine: Pick<Engine, 'status' | 'whenReady'>
  readonly services: ControllerServices
  readonly namespace: string
  readonly router: RouterSettings
  readonly logger: Logger
  readonly clock: Clock
  readonly graceMs: number
  readonly findPortHolder?: FindPortHolder | undefined
  readonly onFailure: (error: unknown) => void
}

const publicUrl = (url: string): string => {
  const { protocol, host } = new URL(url)
  return `${protocol}//${host}`
}

const messageOf = (reason: unknown): string => (reason instanceof Error ? reason.message : String(reason))

interface Control {
  readonly writer: RouterEventWriter
  readonly monitor: WatchMonitor
  readonly conflict: DriverConflict
  readonly liveness: RouterLiveness
  readonly bundles: BundleFolder
  readonly containerName: string
  readonly signal: AbortSignal
}

export class RouterController {
  readonly #options: RouterControllerOptions
  readonly #site: SiteState
  readonly #lease: Lease
  readonly #activity: Activity
  readonly #stop = new AbortController()
  readonly #running: Promise<void>
  readonly #started = Promise.withResolvers<void>()

  constructor(options: RouterControllerOptions) {
    this.#options = options
    this.#site = options.services.siteState(options.namespace)
    this.#lease = options.services.lease(options.namespace)
    this.#activity = new Activity(options.namespace)
    this.#running = this.#run().catch(options.onFailure)
  }

  readonly #hasLease = (): boolean => this.#lease.isValid()

  /** Resolves when the log claims at most that the router is unobserved. */
  get started(): Promise<void> {
    return this.#started.promise
  }

  get activity(): RouterActivity {
    return this.#activity
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    const { engine, logger, namespace, clock } = this.#options
    const logOutage = throttle(OUTAGE_LOG_MS, (error: StoreUnavailable) =>
      logger.warn({ namespace, error }, 'the event store does not respond: the router is left as it is'),
    )
    while (!signal.aborted) {
      try {
        await abortable(engine.whenReady(), signal)
        await this.#lease.acquire(signal)
        logger.info({ namespace }, 'this engine controls the router')
        await this.#control(AbortSignal.any([signal, this.#lease.lost]))
      } catch (error) {
        if (signal.aborted) return
        if (error instanceof LeaseLost) logger.warn({ namespace }, 'another engine controls the router now')
        else if (error instanceof StoreUnavailable) logOutage(error)
        else logger.error({ namespace, error }, 'the controller of a router has failed and starts again')
        await this.#lease.release().catch(() => undefined)
        await clock.sleep(RETRY_MS, signal).catch(() => undefined)
      }
    }
  }

  async #control(signal: AbortSignal): Promise<never> {
    const { services, namespace, clock } = this.#options
    const writer = await services.openEventWriter(namespace, this.#lease)
    await writer.write([...(await unobservedUntilNow(services, namespace)), ...this.#attachment()], signal)
    this.#started.resolve()
    const control = this.#createControl(writer, signal)
    const { monitor, liveness } = control
    this.#activity.isDriven = true
    try {
      for (let failures = 0; ; failures += 1) {
        if (!this.#lease.isValid()) {
          await this.#lease.whenValid(signal)
          liveness.resume()
        }
        if (monitor.interrupted.aborted) {
          await writer.write(() => unobservedSince(this.#site, monitor.interrupted.reason.since), signal)
          liveness.resume()
          monitor.resume()
        }
        const outcome = await this.#connectOnce(control, failures)
        if (outcome === 'interrupted') continue
        if (outcome === 'disconnected') failures = 0
        await clock.sleep(backoffMs(failures, RECONNECT), signal)
      }
    } finally {
      this.#activity.isDriven = false
      monitor.close()
      liveness.close()
      if (this.#stop.signal.aborted) await this.#writeUnobserved(writer)
    }
  }

  #createControl(writer: RouterEventWriter, signal: AbortSignal): Control {
    const { namespace, router, graceMs, clock } = this.#options
    const ownName = `${this.#lease.holder} for ${namespace}`
    return {
      writer,
      // Before liveness, whose clock stops with the process.
      monitor: this.#createMonitor(),
      conflict: new DriverConflict(ownName, this.#site.connection()?.contested !== undefined, () => clock.now()),
      liveness: new RouterLiveness({ site: this.#site, writer, activity: this.#activity, graceMs, signal, clock }),
      bundles: new BundleFolder(router.certificates?.local ?? DEFAULT_CERTIFICATES),
      containerName: `hark/${ownName}`,
      signal,
    }
  }

  async #connectOnce(control: Control, failures: number): Promise<'interrupted' | 'disconnected' | 'unreachable'> {
    const { namespace, logger } = this.#options
    const { signal, monitor, liveness } = control
    let wasConnected = false
    try {
      const session = await this.#connect(control)
      session.signal.addEventListener('abort', () => liveness.disconnected(messageOf(session.signal.reason)), {
        once: true,
      })
      const loop = this.#createLoop(session, control, () => {
        wasConnected = true
        liveness.connected()
      })
      return await loop.run(AbortSignal.any([signal, monitor.interrupted]))
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof WatchInterrupted) {
        logger.warn(
          { namespace, reason: error.message },
          'the router was not watched for a while: its state is read again',
        )
        return 'interrupted'
      }
      if (!(error instanceof RouterUnreachable || error instanceof RouterRefusal)) throw error
      const log = wasConnected || failures === 0 ? logger.warn.bind(logger) : logger.debug.bind(logger)
      log({ namespace, reason: error.message }, 'the router does not respond: trying again')
      liveness.disconnected(error.message)
      return wasConnected ? 'disconnected' : 'unreachable'
    }
  }

  #connect({ signal, containerName }: Control): Promise<RouterSession> {
    const { namespace, router, logger, clock } = this.#options
    return connectRouter(router, {
      signal,
      clock,
      containerName,
      maySend: this.#hasLease,
      onInvalidRecord: (source, { identity, invalid }) =>
        logger.warn(
          { namespace, source, identity, attribute: invalid },
          'ignored a VanFlow attribute that is not UTF-8',
        ),
    })
  }

  #createLoop(session: RouterSession, control: Control, onConnected: () => void): ReconcileLoop {
    const { router, graceMs, clock, findPortHolder, services, namespace } = this.#options
    const endpoint = readUrl(router.url)
    const { writer, monitor, conflict, liveness, bundles, signal } = control
    return new ReconcileLoop({
      session,
      site: this.#site,
      host: endpoint.host,
      findPortHolder: findPortHolder ?? findHolderBeside(endpoint),
      bundles,
      activity: this.#activity,
      traced: management => services.traced(namespace, management),
      conflict,
      clock,
      hasLease: this.#hasLease,
      write: toWrite => writer.write(this.#recordingConnection(toWrite), signal),
      openTimeoutMs: graceMs + OPENING_MARGIN_MS,
      graceEndsAt: liveness.graceEndsAt,
      onConnected,
      onObserved: () => monitor.routerAnswered(),
      onConflict: message => this.#logConflict(message),
    })
  }

  #createMonitor(): WatchMonitor {
    const { engine, services, namespace, clock } = this.#options
    let position = BEGINNING
    const isFollowing = (): boolean => {
      const status = engine.status()
      const isLive = status.live || status.position > position
      position = status.position
      return isLive && status.unwritable === undefined
    }
    return new WatchMonitor({
      clock,
      canWatch: () => this.#lease.isValid() && isFollowing(),
      onWatched: time => services.recordWatched(namespace, time),
    })
  }

  /** RouterConnected claims a watch, which is recorded before it. */
  #recordingConnection(toWrite: ToWrite): ToWrite {
    const { services, namespace } = this.#options
    return () => {
      const events = typeof toWrite === 'function' ? toWrite() : toWrite
      if (events.some(({ type }) => type === 'RouterConnected')) services.recordWatched(namespace, Date.now())
      return events
    }
  }

  async #writeUnobserved(writer: RouterEventWriter): Promise<void> {
    const timeout = AbortSignal.timeout(LAST_WRITE_MS)
    const toWrite = () => (this.#lease.isValid() ? unobservedSince(this.#site, Date.now()) : [])
    await abortable(writer.write(toWrite, timeout), timeout).catch(() => undefined)
  }

  #logConflict(message: string | undefined): void {
    const { namespace, logger } = this.#options
    if (message === undefined) logger.info({ namespace }, 'nothing else changes the router any more')
    else
      logger.warn({ namespace, message }, 'something else changes the router too: what it changes back is left alone')
  }

  #attachment(): RouterEvent[] {
    const { namespace, router } = this.#options
    const connection = this.#site.connection()
    const url = publicUrl(router.url)
    const isAttached = connection !== undefined && connection.connection !== 'Detached' && connection.url === url
    const driver = this.#lease.holder
    const folder = router.certificates?.folder ?? DEFAULT_CERTIFICATES
    const events: RouterEvent[] = []
    if (!isAttached) events.push({ type: 'RouterAttached', data: { namespace, url } })
    if (folder !== this.#site.certificates()) {
      events.push({ type: 'RouterCertificatesConfigured', data: { namespace, folder } })
    }
    if (connection?.driver !== driver || !isAttached) {
      events.push({ type: 'RouterDriverChanged', data: { namespace, driver } })
    }
    return events
  }

  async close(): Promise<void> {
    this.#stop.abort(new RouterUnreachable('Hark is stopping'))
    await this.#running
    await this.#lease.release()
  }
}
