import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { RouterConnection } from '../../projections/shared/router-connection.ts'
import type { LiveReadModels } from '../engine/engine.ts'
import type { WatchedRouters } from '../engine/history/watched-routers.ts'
import type { EventStore } from '../event-store/event-store.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import { CausationTracker } from './causation.ts'
import { RouterEventWriter } from './event-writer.ts'
import { lastWatched } from './lease/last-watched.ts'
import { EventStoreLease, type Lease, type LeaseTimes, noopLease } from './lease/lease.ts'
import { createSiteState, type SiteState } from './site-state.ts'

export interface ControllerPorts {
  attachedNamespaces(): readonly string[]
  siteState(namespace: string): SiteState
  /** @param times where it waits otherwise than a driver does */
  lease(namespace: string, times?: LeaseTimes): Lease
  /** When an engine is known to have watched a router last, in milliseconds since 1970. */
  lastWatched(namespace: string, connection: RouterConnection): Promise<number>
  /** Keeps for the next engine that this one watched the router at this time, in milliseconds since 1970. */
  recordWatched(namespace: string, time: number): void
  /** Resolves when the read models show what was written before. */
  openEventWriter(namespace: string, lease: Lease): Promise<RouterEventWriter>
}

export interface ControllerPortsOptions {
  readonly store: EventStore
  readonly readModels: LiveReadModels
  readonly watched: WatchedRouters
  readonly clock?: Clock
}

export const createControllerPorts = (options: ControllerPortsOptions): ControllerPorts => {
  const { store, readModels, watched, clock = systemClock } = options
  // The host is for people; the rest differs after each restart.
  const holder = `${hostname()}/${randomUUID().slice(0, 8)}`
  const causes = new CausationTracker(store, readModels)
  return {
    attachedNamespaces: () => {
      const { routers } = readModels.serving.sites.tables
      return routers.sortedKeys().filter(namespace => routers.get(namespace)?.connection !== 'Detached')
    },
    siteState: namespace => createSiteState(namespace, readModels),
    lease: (namespace, times) =>
      store.isShared
        ? new EventStoreLease({
            store,
            namespace,
            holder,
            clock,
            // One process has a data folder at a time: the engine that is named there has ended.
            ...(times === undefined ? { predecessor: watched.driver(namespace) } : { times }),
          })
        : noopLease(holder),
    lastWatched: (namespace, connection) => lastWatched(store, watched, namespace, connection),
    recordWatched: (namespace, time) => watched.note(namespace, holder, time),
    openEventWriter: (namespace, lease) =>
      RouterEventWriter.open({
        store,
        namespace,
        lease,
        causes,
        clock,
        reached: position => readModels.reached(position),
      }),
  }
}
