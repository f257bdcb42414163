import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { RouterConnection } from '../../projections/shared/router-connection.ts'
import type { LiveReadModels } from '../engine/engine.ts'
import type { WatchedRouters } from '../engine/history/watched-routers.ts'
import type { EventStore } from '../event-store/event-store.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import type { Management } from '../router/amqp/management.ts'
import type { Tracer } from '../telemetry/tracing.ts'
import { CausationTracker } from './causation.ts'
import { EntitySpans } from './entity-spans.ts'
import { RouterEventWriter } from './event-writer.ts'
import { lastWatched } from './lease/last-watched.ts'
import { EventStoreLease, type Lease, type LeaseTimes, noopLease } from './lease/lease.ts'
import { createSiteState, type SiteState } from './site-state.ts'

export interface ControllerServices {
  attachedNamespaces(): readonly string[]
  siteState(namespace: string): SiteState
  lease(namespace: string, times?: LeaseTimes): Lease
  lastWatched(namespace: string, connection: RouterConnection): Promise<number>
  recordWatched(namespace: string, time: number): void
  traced(namespace: string, management: Management): Management
  openEventWriter(namespace: string, lease: Lease): Promise<RouterEventWriter>
}

interface ControllerServicesOptions {
  readonly store: EventStore
  readonly readModels: LiveReadModels
  readonly watched: WatchedRouters
  readonly clock?: Clock
  readonly tracer?: Tracer | undefined
}

export const createControllerServices = (options: ControllerServicesOptions): ControllerServices => {
  const { store, readModels, watched, clock = systemClock, tracer } = options
  // People read the host; the suffix changes at each restart.
  const holder = `${hostname()}/${randomUUID().slice(0, 8)}`
  const causes = new CausationTracker(store, readModels)
  const spans = tracer && new EntitySpans(tracer, readModels, clock)
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
            // One process at a time has a data folder: the driver named there has ended.
            ...(times === undefined ? { predecessor: watched.driver(namespace) } : { times }),
          })
        : noopLease(holder),
    lastWatched: (namespace, connection) => lastWatched(store, watched, namespace, connection),
    recordWatched: (namespace, time) => watched.note(namespace, holder, time),
    traced: (namespace, management) => spans?.traced(namespace, management) ?? management,
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
