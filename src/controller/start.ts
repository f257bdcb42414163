import { DEFAULT_CERTIFICATES } from '../../schemas/router-entities.ts'
import type { Engine } from '../engine/engine.ts'
import type { WatchedRouters } from '../engine/history/watched-routers.ts'
import type { EventStore } from '../event-store/event-store.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import { Health } from '../lib/health.ts'
import type { Logger } from '../lib/logger.ts'
import type { RouterSettings } from '../router/amqp/session.ts'
import type { Tracer } from '../telemetry/tracing.ts'
import { BundleFolder } from './certificates/bundle-folder.ts'
import { bundleUse } from './certificates/bundle-use.ts'
import { OrphanDetacher } from './orphan-detacher.ts'
import type { FindPortHolder } from './port-holders/port-holder.ts'
import { createControllerServices } from './services.ts'
import type { RouterActivity } from './stats.ts'

interface ControllersOptions {
  readonly engine: Pick<Engine, 'status' | 'whenReady' | 'readModels'>
  readonly store: EventStore
  readonly watched: WatchedRouters
  readonly routers: readonly (RouterSettings & { readonly namespace: string })[]
  readonly logger: Logger
  readonly clock?: Clock
  /** Milliseconds of absence before a router's conditions become Unknown. */
  readonly graceMs: number
  readonly health?: Health
  readonly findPortHolder?: FindPortHolder | undefined
  readonly tracer?: Tracer | undefined
}

interface Controllers {
  activities(): readonly RouterActivity[]
  credentialsWarning(namespace: string, bundle: string, spec: object): string | undefined
  /** Resolves when the log claims at most that each router is unobserved. */
  started(): Promise<void>
  close(): Promise<void>
}

/** Also detaches routers without an engine. */
export const startControllers = async (options: ControllersOptions): Promise<Controllers> => {
  const {
    engine,
    store,
    watched,
    routers,
    logger,
    graceMs,
    clock = systemClock,
    health = new Health(),
    findPortHolder,
  } = options
  const services = createControllerServices({
    store,
    readModels: engine.readModels,
    watched,
    clock,
    tracer: options.tracer,
  })
  const startEach = async () => {
    // Without a router, its protocol is not loaded.
    if (routers.length === 0) return []
    const { RouterController } = await import('./router-controller.ts')
    return routers.map(({ namespace, ...router }) => {
      const onFailure = (error: unknown): void => {
        logger.fatal({ namespace, error }, 'the controller of a router has ended: restart Hark')
        health.fail(`the controller of the router of ${namespace} has ended`)
      }
      return new RouterController({
        engine,
        services,
        namespace,
        router,
        logger,
        clock,
        graceMs,
        findPortHolder,
        onFailure,
      })
    })
  }
  const controllers = await startEach()
  const folders = new Map(
    routers.map(({ namespace, certificates }) => [
      namespace,
      new BundleFolder(certificates?.local ?? DEFAULT_CERTIFICATES),
    ]),
  )
  const configured = new Set(routers.map(({ namespace }) => namespace))
  const detacher = new OrphanDetacher({ engine, services, configured, logger })
  return {
    activities: () => controllers.map(({ activity }) => activity),
    credentialsWarning: (namespace, bundle, spec) => folders.get(namespace)?.warning(bundle, bundleUse(spec)),
    started: async () => {
      await Promise.all([detacher.done, ...controllers.map(controller => controller.started)])
    },
    close: async () => {
      await Promise.all([detacher.close(), ...controllers.map(controller => controller.close())])
      watched.save()
    },
  }
}
