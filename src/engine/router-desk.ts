import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { EventStore } from '../store/event-store.ts'
import { Causes } from './causes.ts'
import type { RouterDesk } from './engine.ts'
import { lastWatched } from './last-watched.ts'
import { SharedLease, soleLease } from './lease.ts'
import type { Projector } from './projector.ts'
import type { ReadModels } from './read-models.ts'
import { RouterJournal } from './router-journal.ts'
import { createSiteView } from './site-view.ts'
import type { WatchedRouters } from './watched-routers.ts'

export const createRouterDesk = (
  store: EventStore,
  models: ReadModels,
  projector: Projector,
  watched: WatchedRouters,
): RouterDesk => {
  // The host tells people which engine it is; the rest tells it from the one that it was before a restart.
  const holder = `${hostname()}/${randomUUID().slice(0, 8)}`
  const causes = new Causes(store, projector)
  return {
    attached: () => {
      const { routers } = models.serving.sites.tables
      return routers.sortedKeys().filter(namespace => routers.get(namespace)?.connection !== 'Detached')
    },
    view: namespace => createSiteView(namespace, models, projector),
    lease: (namespace, times) =>
      store.isShared
        ? new SharedLease({
            store,
            namespace,
            holder,
            // One process has a folder of data at a time: whoever wrote its name there before has ended.
            ...(times === undefined ? { predecessor: watched.driver(namespace) } : { times }),
          })
        : soleLease(holder),
    lastWatched: (namespace, link) => lastWatched(store, watched, namespace, link),
    watched: (namespace, time) => watched.note(namespace, holder, time),
    journal: (namespace, lease) =>
      RouterJournal.open({ store, namespace, lease, causes, reached: position => projector.reached(position) }),
  }
}
