import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { RouterDesk } from '../engine/engine.ts'
import type { WatchedRouters } from '../engine/history/watched-routers.ts'
import type { Projector } from '../engine/read-models/projector.ts'
import type { ReadModels } from '../engine/read-models/read-models.ts'
import type { EventStore } from '../event-store/event-store.ts'
import { CausationTracker } from './causation.ts'
import { RouterEventWriter } from './event-writer.ts'
import { lastWatched } from './lease/last-watched.ts'
import { EventStoreLease, noopLease } from './lease/lease.ts'
import { createSiteView } from './site-state.ts'

export const createRouterDesk = (
  store: EventStore,
  models: ReadModels,
  projector: Projector,
  watched: WatchedRouters,
): RouterDesk => {
  // The host tells people which engine it is; the rest tells it from the one that it was before a restart.
  const holder = `${hostname()}/${randomUUID().slice(0, 8)}`
  const causes = new CausationTracker(store, projector)
  return {
    attached: () => {
      const { routers } = models.serving.sites.tables
      return routers.sortedKeys().filter(namespace => routers.get(namespace)?.connection !== 'Detached')
    },
    view: namespace => createSiteView(namespace, models, projector),
    lease: (namespace, times) =>
      store.isShared
        ? new EventStoreLease({
            store,
            namespace,
            holder,
            // One process has a folder of data at a time: whoever wrote its name there before has ended.
            ...(times === undefined ? { predecessor: watched.driver(namespace) } : { times }),
          })
        : noopLease(holder),
    lastWatched: (namespace, link) => lastWatched(store, watched, namespace, link),
    watched: (namespace, time) => watched.note(namespace, holder, time),
    journal: (namespace, lease) =>
      RouterEventWriter.open({ store, namespace, lease, causes, reached: position => projector.reached(position) }),
  }
}
