import type { Engine } from '../engine/engine.ts'
import { abortable } from '../lib/abortable.ts'
import type { Logger } from '../lib/logger.ts'
import type { LeaseTimes } from './lease/lease.ts'
import type { ControllerPorts } from './ports.ts'
import { unobservedUntilNow } from './status/unobserved.ts'

/** A driver that restarts, or is moved to another machine, keeps its router. */
const PATIENCE: LeaseTimes = {
  poll: 1000,
  askAfter: 60_000,
  answerWithin: 60_000,
  takeReleasedAfter: 60_000,
  validFor: 4000,
}

/** Detaches the routers that an earlier engine drove and no engine drives now. */
export class Detachment {
  readonly #stop = new AbortController()
  readonly #running: Promise<void>
  readonly #begun = Promise.withResolvers<void>()

  constructor(engine: Pick<Engine, 'whenReady'>, ports: ControllerPorts, driven: ReadonlySet<string>, logger: Logger) {
    this.#running = this.#run(engine, ports, driven, logger).catch(error => {
      if (!this.#stop.signal.aborted) logger.error({ error }, 'routers that nobody drives could not be detached')
    })
  }

  /** Resolves when the log says of each of them that no engine drives it. */
  get begun(): Promise<void> {
    return this.#begun.promise
  }

  async #run(
    engine: Pick<Engine, 'whenReady'>,
    ports: ControllerPorts,
    driven: ReadonlySet<string>,
    logger: Logger,
  ): Promise<void> {
    const { signal } = this.#stop
    await abortable(engine.whenReady(), signal)
    const orphans = ports.attachedNamespaces().filter(namespace => !driven.has(namespace))
    await Promise.all(
      orphans.map(async namespace => {
        const lease = ports.lease(namespace, PATIENCE)
        await lease.acquire(signal)
        try {
          const journal = await ports.openEventWriter(namespace, lease)
          if (ports.siteState(namespace).link()?.connection === 'Detached') return
          const unobserved = await unobservedUntilNow(ports, namespace)
          await journal.write([...unobserved, { type: 'RouterDetached', data: { namespace } }], signal)
          logger.warn({ namespace }, 'no engine drives this router any more: it is detached')
        } finally {
          await lease.release()
        }
      }),
    )
    this.#begun.resolve()
  }

  async close(): Promise<void> {
    this.#stop.abort(new Error('Hark is ending'))
    await this.#running
  }
}
