import { DEFAULT_CERTIFICATES } from '../../schemas/router-entities.ts'
import type { Engine } from '../engine/engine.ts'
import type { WatchedRouters } from '../engine/history/watched-routers.ts'
import type { EventStore } from '../event-store/event-store.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import { Health } from '../lib/health.ts'
import type { Logger } from '../lib/logger.ts'
import type { DrivenRouter } from '../router/amqp/session.ts'
import { BundleFolder } from './certificates/bundle-folder.ts'
import { bundleUse } from './certificates/bundle-use.ts'
import { Detachment } from './orphan-detacher.ts'
import { createControllerPorts } from './ports.ts'
import { RouterController } from './router-controller.ts'
import type { RouterActivity } from './stats.ts'

export interface DriveRoutersOptions {
  readonly engine: Pick<Engine, 'status' | 'whenReady' | 'readModels'>
  readonly store: EventStore
  /** Saved by `close`. */
  readonly watched: WatchedRouters
  /** One a namespace. */
  readonly routers: readonly (DrivenRouter & { readonly namespace: string })[]
  readonly logger: Logger
  readonly clock?: Clock
  /** How many milliseconds a router may be away before its conditions are Unknown. */
  readonly graceMs: number
  /** Told where only another start helps. */
  readonly health?: Health
}

export interface DrivenRouters {
  activities(): readonly RouterActivity[]
  /** What is wrong with a bundle of TLS credentials of a router's, or soon will be. */
  credentialsWarning(namespace: string, bundle: string, spec: object): string | undefined
  /** Resolves when the log says of each of these routers that nothing is known of it until it is seen again. */
  begun(): Promise<void>
  close(): Promise<void>
}

/**
 * Drives these routers, in turns with other engines on the same store; routers that the log has and nobody drives any more
 * are detached, so that no status rests on what nobody looks at.
 */
export const driveRouters = (options: DriveRoutersOptions): DrivenRouters => {
  const { engine, store, watched, routers, logger, graceMs, clock = systemClock, health = new Health() } = options
  const ports = createControllerPorts({ store, readModels: engine.readModels, watched, clock })
  const agents = routers.map(({ namespace, ...address }) => {
    const onFailure = (error: unknown): void => {
      logger.fatal({ namespace, error }, 'the agent of a router has ended: only another start can help')
      health.fail(`the agent of the router of ${namespace} has ended`)
    }
    return new RouterController({ engine, ports, namespace, address, logger, clock, graceMs, onFailure })
  })
  const folders = new Map(
    routers.map(({ namespace, certificates }) => [
      namespace,
      new BundleFolder(certificates?.local ?? DEFAULT_CERTIFICATES),
    ]),
  )
  const detachment = new Detachment(engine, ports, new Set(routers.map(({ namespace }) => namespace)), logger)
  return {
    credentialsWarning: (namespace, bundle, spec) => folders.get(namespace)?.warning(bundle, bundleUse(spec)),
    activities: () => agents.map(({ activity }) => activity),
    begun: async () => {
      await Promise.all([detachment.begun, ...agents.map(agent => agent.begun)])
    },
    close: async () => {
      await Promise.all([detachment.close(), ...agents.map(agent => agent.close())])
      watched.save()
    },
  }
}
