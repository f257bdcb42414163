import type { RouterConnection } from '../../../projections/shared/router-connection.ts'
import { leaseStream, routerStream } from '../../../schemas/events/streams.ts'
import type { WatchedRouters } from '../../engine/history/watched-routers.ts'
import type { EventStore } from '../../event-store/event-store.ts'

/** Between two signs of a holder there are few words of those who wait for their turn. */
const SIGNS_AMONG = 20

/** When a driver last wrote to the log that it still was, in milliseconds since 1970. */
async function* signsOf(store: EventStore, namespace: string, driver: string): AsyncGenerator<number> {
  const last = { direction: 'backward', limit: SIGNS_AMONG } as const
  for await (const { data, time } of store.readStream(leaseStream(namespace), last)) {
    if ((data as { readonly holder?: string }).holder !== driver) continue
    yield Date.parse(time)
    break
  }
  // Only the driver writes here.
  for await (const { time } of store.readStream(routerStream(namespace), { ...last, limit: 1 })) yield Date.parse(time)
}

/**
 * The last moment at which the router is known to have been watched by the engine that the log names as its driver, in
 * milliseconds since 1970. Where no file of that engine is here, its last word in the log is all that is known.
 */
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
  for await (const sign of signsOf(store, namespace, driver)) last = Math.max(last, sign)
  return last
}
