import type { RouterEvent } from '../../schemas/events/events.ts'
import { BEGINNING } from '../../schemas/events/recorded-event.ts'
import { DEFAULT_CERTIFICATES } from '../../schemas/router-entities.ts'
import type { Engine } from '../engine/engine.ts'
import { StoreUnavailable } from '../event-store/event-store.ts'
import { abortable } from '../lib/abortable.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import { backoffMs } from '../lib/retry.ts'
import { throttle } from '../lib/throttle.ts'
import { connectRouter } from '../router/amqp/connect.ts'
import { RouterRefusal, RouterUnreachable } from '../router/amqp/management.ts'
import type { DrivenRouter } from '../router/amqp/session.ts'
import { readUrl } from '../router/amqp/socket.ts'
import { BundleFolder } from './certificates/bundle-folder.ts'
import type { RouterEventWriter, ToWrite } from './event-writer.ts'
import { Attention, WatchInterrupted } from './lease/attention.ts'
import { Contest } from './lease/contest.ts'
import { type Lease, LeaseLost } from './lease/lease.ts'
import { RouterLiveness } from './lease/liveness.ts'
import type { ControllerPorts } from './ports.ts'
import { ReconcileLoop } from './reconcile-loop.ts'
import type { SiteState } from './site-state.ts'
import type { RouterActivity } from './stats.ts'
import { Activity } from './stats.ts'

import { unobservedSince, unobservedUntilNow } from './status/unobserved.ts'

/** A socket that is to open has until the network would have told that its connector is lost, and a little more. */
const OPENING_MARGIN_MS = 2000
const RETRY_MS = 1000
const RECONNECT = { firstMs: 250, longestMs: 2000 }
/** How long an engine that ends waits to say so. */
const LEAVING_MS = 1000
const OUTAGE_TOLD_EVERY_MS = 60_000

export interface AgentOptions {
  readonly engine: Pick<Engine, 'status' | 'whenReady'>
  readonly ports: ControllerPorts
  readonly namespace: string
  readonly address: DrivenRouter
  readonly logger: Logger
  readonly clock: Clock
  /** How many milliseconds a router may be away before its conditions are Unknown. */
  readonly graceMs: number
  /** Told where the agent ends by itself: its router is not looked after any more. */
  readonly onFailure: (error: unknown) => void
}

/** A URL as people may read it, and as events name it: without what it takes to get in. */
const publicUrl = (url: string): string => {
  const { protocol, host } = new URL(url)
  return `${protocol}//${host}`
}

const wordsOf = (reason: unknown): string => (reason instanceof Error ? reason.message : String(reason))

/**
 * Makes one router match its configuration, and reports what it does, whenever this engine is the one that drives it. It
 * begins at once and ends with `close`.
 */
export class RouterController {
  readonly #options: AgentOptions
  readonly #view: SiteState
  readonly #lease: Lease
  readonly #activity: Activity
  readonly #stop = new AbortController()
  readonly #running: Promise<void>
  readonly #begun = Promise.withResolvers<void>()

  constructor(options: AgentOptions) {
    this.#options = options
    this.#view = options.ports.siteState(options.namespace)
    this.#lease = options.ports.lease(options.namespace)
    this.#activity = new Activity(options.namespace)
    this.#running = this.#run().catch(options.onFailure)
  }

  /** Resolves when the log says of the router that nothing is known of it until it is seen again. */
  get begun(): Promise<void> {
    return this.#begun.promise
  }

  get activity(): RouterActivity {
    return this.#activity
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    const { logger, namespace } = this.#options
    const tellOfOutage = throttle(OUTAGE_TOLD_EVERY_MS, (error: StoreUnavailable) =>
      logger.warn({ namespace, error }, 'the event store does not answer: the router is left as it is'),
    )
    while (!signal.aborted) {
      try {
        await abortable(this.#options.engine.whenReady(), signal)
        await this.#lease.acquire(signal)
        logger.info({ namespace }, 'this engine drives the router')
        await this.#drive(AbortSignal.any([signal, this.#lease.lost]))
      } catch (error) {
        if (signal.aborted) return
        if (error instanceof LeaseLost) logger.warn({ namespace }, 'another engine drives the router now')
        else if (error instanceof StoreUnavailable) tellOfOutage(error)
        else logger.error({ namespace, error }, 'the agent of a router has failed: it begins again')
        await this.#lease.release().catch(() => undefined)
        await this.#options.clock.sleep(RETRY_MS, signal).catch(() => undefined)
      }
    }
  }

  async #drive(signal: AbortSignal): Promise<void> {
    const { ports, namespace, address, graceMs, logger, clock } = this.#options
    const journal = await ports.openEventWriter(namespace, this.#lease)
    const unobserved = await unobservedUntilNow(ports, namespace)
    await journal.write([...unobserved, ...this.#attachment()], signal)
    this.#begun.resolve()
    // Before the contact, whose clock stands still with the process: an interruption is noticed first.
    const attention = this.#attention()
    const ownName = `${this.#lease.holder} for ${namespace}`
    const contest = new Contest(ownName, this.#view.link()?.contested !== undefined, () => clock.now())
    const contact = new RouterLiveness({ view: this.#view, journal, activity: this.#activity, graceMs, signal, clock })
    const bundles = new BundleFolder(address.certificates?.local ?? DEFAULT_CERTIFICATES)
    this.#activity.isDriven = true
    try {
      for (let failures = 0; ; failures += 1) {
        if (!this.#lease.isValid()) {
          await this.#lease.whenValid(signal)
          contact.resume()
        }
        if (attention.interrupted.aborted) {
          await journal.write(() => unobservedSince(this.#view, attention.interrupted.reason.since), signal)
          contact.resume()
          attention.goOn()
        }
        try {
          const mayDrive = () => this.#lease.isValid()
          const containerName = `hark/${ownName}`
          const session = await connectRouter(address, { signal, maySend: mayDrive, containerName, clock })
          session.signal.addEventListener('abort', () => contact.lost(wordsOf(session.signal.reason)), { once: true })
          const attendance = new ReconcileLoop({
            session,
            view: this.#view,
            host: readUrl(address.url).host,
            bundles,
            activity: this.#activity,
            contest,
            clock,
            mayDrive,
            write: toWrite => journal.write(this.#noting(toWrite), signal),
            graceMs,
            patienceMs: graceMs + OPENING_MARGIN_MS,
            excusedUntil: contact.excusedUntil,
            onHeard: () => contact.heard(),
            onAnswer: () => attention.heard(),
            onContest: message => this.#tellOfContest(message),
          })
          await attendance.run(AbortSignal.any([signal, attention.interrupted]))
        } catch (error) {
          signal.throwIfAborted()
          if (error instanceof WatchInterrupted) {
            logger.warn({ namespace, reason: error.message }, 'the router was not watched for a while: looking anew')
            continue
          }
          if (!(error instanceof RouterUnreachable || error instanceof RouterRefusal)) throw error
          if (this.#activity.isConnected) failures = 0
          const tell = failures === 0 ? logger.warn.bind(logger) : logger.debug.bind(logger)
          tell({ namespace, reason: error.message }, 'the router does not answer: trying again')
          contact.lost(error.message)
        }
        await this.#options.clock.sleep(backoffMs(failures, RECONNECT), signal)
      }
    } finally {
      this.#activity.isDriven = false
      attention.close()
      contact.close()
      if (this.#stop.signal.aborted) await this.#leave(journal)
    }
  }

  #attention(): Attention {
    const { engine, ports, namespace, clock } = this.#options
    let position = BEGINNING
    const isFollowing = (): boolean => {
      const status = engine.status()
      const isLive = status.live || status.position > position
      position = status.position
      return isLive && status.unwritable === undefined
    }
    return new Attention({
      clock,
      isAble: () => this.#lease.isValid() && isFollowing(),
      onWatched: time => ports.recordWatched(namespace, time),
    })
  }

  /** An engine that is killed right after it said that a router is connected has claimed to watch it from there on. */
  #noting(toWrite: ToWrite): ToWrite {
    return () => {
      const events = typeof toWrite === 'function' ? toWrite() : toWrite
      if (events.some(({ type }) => type === 'RouterConnected')) {
        this.#options.ports.recordWatched(this.#options.namespace, Date.now())
      }
      return events
    }
  }

  /** From here on this engine does not watch. Where that cannot be written down now, the next one does it. */
  async #leave(journal: RouterEventWriter): Promise<void> {
    const patience = AbortSignal.timeout(LEAVING_MS)
    const toWrite = () => (this.#lease.isValid() ? unobservedSince(this.#view, Date.now()) : [])
    await abortable(journal.write(toWrite, patience), patience).catch(() => undefined)
  }

  #tellOfContest(message: string | undefined): void {
    const { namespace, logger } = this.#options
    if (message === undefined) logger.info({ namespace }, 'nobody else drives the router any more')
    else
      logger.warn({ namespace, message }, 'the router is driven by others as well: what they set back is left as it is')
  }

  /** What is news of who drives which router. */
  #attachment(): RouterEvent[] {
    const { namespace, address } = this.#options
    const link = this.#view.link()
    const url = publicUrl(address.url)
    const isAttached = link !== undefined && link.connection !== 'Detached' && link.url === url
    const driver = this.#lease.holder
    const folder = address.certificates?.folder ?? DEFAULT_CERTIFICATES
    return [
      ...(isAttached ? [] : [{ type: 'RouterAttached', data: { namespace, url } } as const]),
      ...(folder === this.#view.certificates()
        ? []
        : [{ type: 'RouterCertificatesConfigured', data: { namespace, folder } } as const]),
      ...(link?.driver === driver && isAttached
        ? []
        : [{ type: 'RouterDriverChanged', data: { namespace, driver } } as const]),
    ]
  }

  /** Ends in good order: what is being sent and written is done, and another engine may take over at once. */
  async close(): Promise<void> {
    this.#stop.abort(new RouterUnreachable('Hark is ending'))
    await this.#running
    await this.#lease.release()
  }
}
