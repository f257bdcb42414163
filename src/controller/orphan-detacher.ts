import type { Engine } from '../engine/engine.ts'
import { abortable } from '../lib/abortable.ts'
import type { Logger } from '../lib/logger.ts'
import type { LeaseTimes } from './lease/lease.ts'
import { unobservedUntilNow } from './reports/unobserved.ts'
import type { ControllerServices } from './services.ts'

/** Lets an engine restart or move without losing its router. */
const LEASE_TIMES: LeaseTimes = {
  poll: 1000,
  askAfter: 60_000,
  answerWithin: 60_000,
  takeReleasedAfter: 60_000,
  validFor: 4000,
}

interface OrphanDetacherOptions {
  readonly engine: Pick<Engine, 'whenReady'>
  readonly services: ControllerServices
  readonly configured: ReadonlySet<string>
  readonly logger: Logger
}

export class OrphanDetacher {
  readonly #options: OrphanDetacherOptions
  readonly #stop = new AbortController()
  readonly #running: Promise<void>
  readonly #done = Promise.withResolvers<void>()

  constructor(options: OrphanDetacherOptions) {
    this.#options = options
    this.#running = this.#run().catch(error => {
      if (!this.#stop.signal.aborted) options.logger.error({ error }, 'cannot detach routers without an engine')
    })
  }

  get done(): Promise<void> {
    return this.#done.promise
  }

  async #run(): Promise<void> {
    const { engine, services, configured } = this.#options
    await abortable(engine.whenReady(), this.#stop.signal)
    const orphans = services.attachedNamespaces().filter(namespace => !configured.has(namespace))
    await Promise.all(orphans.map(namespace => this.#detach(namespace)))
    this.#done.resolve()
  }

  async #detach(namespace: string): Promise<void> {
    const { services, logger } = this.#options
    const { signal } = this.#stop
    const lease = services.lease(namespace, LEASE_TIMES)
    await lease.acquire(signal)
    try {
      const writer = await services.openEventWriter(namespace, lease)
      if (services.siteState(namespace).connection()?.connection === 'Detached') return
      const unobserved = await unobservedUntilNow(services, namespace)
      await writer.write([...unobserved, { type: 'RouterDetached', data: { namespace } }], signal)
      logger.warn({ namespace }, 'detached a router that no engine controls any more')
    } finally {
      await lease.release()
    }
  }

  async close(): Promise<void> {
    this.#stop.abort(new Error('Hark is stopping'))
    await this.#running
  }
}
