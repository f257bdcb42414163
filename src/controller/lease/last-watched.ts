import type { RouterConnection } from '../../../projections/shared/router-connection.ts'
import { leaseStream, routerStream } from '../../../schemas/events/streams.ts'
import type { WatchedRouters } from '../../engine/history/watched-routers.ts'
import type { EventStore } from '../../event-store/event-store.ts'

/** Waiting engines write few events between two of the holder. */
const LEASE_EVENTS_READ = 20

async function* timesOf(store: EventStore, namespace: string, driver: string): AsyncGenerator<number> {
  const last = { direction: 'backward', limit: LEASE_EVENTS_READ } as const
  for await (const { data, time } of store.readStream(leaseStream(namespace), last)) {
    if ((data as { readonly holder?: string }).holder !== driver) continue
    yield Date.parse(time)
    break
  }
  for await (const { time } of store.readStream(routerStream(namespace), { ...last, limit: 1 })) yield Date.parse(time)
}

export const lastWatched = async (
  store: EventStore,
  watched: WatchedRouters,
  namespace: string,
  { driver, since }: RouterConnection,
): Promise<number> => {
  const known = watched.until(namespace, driver)
  let last = Date.parse(since)
  if (known !== undefined) return Math.max(last, known)
  if (driver === undefined) return last
  for await (const time of timesOf(store, namespace, driver)) last = Math.max(last, time)
  return last
}
