import { rowOf } from '../../../projections/kit/table.ts'
import { unavailable } from '../../../schemas/errors.ts'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import { listenerStream } from '../../../schemas/events/streams.ts'
import type { ReadSide } from '../engine.ts'
import type { LogReader } from '../queries/log-reader.ts'
import { entityChanges } from '../queries/router-config-diff.ts'
import { toQueryError } from '../read-models/errors.ts'
import type { ChangesOfEvent, FollowedRows } from './replayed-tables.ts'
import type { PastChanges } from './row-changes.ts'
import type { StateChange, StateChangeRequest } from './types.ts'

const followedRows = ({ namespace, listener }: StateChangeRequest): readonly FollowedRows[] => {
  const key = listener === undefined ? undefined : listenerStream(namespace, listener)
  const listeners = key === undefined ? { prefix: listenerStream(namespace, '') } : { key }
  const entities = key === undefined ? { index: 'namespace', value: namespace } : { key }
  return [
    { model: 'listenerStatus', table: 'listeners', rows: listeners },
    { model: 'routerConfig', table: 'entities', rows: entities },
    ...(key === undefined ? [{ model: 'routerConfig', table: 'sites', rows: { key: namespace } } as const] : []),
  ]
}

export const createStateChanges =
  (past: PastChanges, log: LogReader): ReadSide['changes'] =>
  async (request, { first, after, to }) => {
    const followed = followedRows(request)
    const replica = await past.replica(followed, after)
    const changes: StateChange[] = []
    for await (const batch of past.between(replica, followed, after, to)) {
      const changed = shown(batch, request.namespace)
      if (changed === undefined) continue
      if (changes.length === first) return { changes, hasNextPage: true }
      changes.push({ ...changed, position: batch.event.position, event: () => eventAt(log, batch.event.position) })
    }
    return { changes, hasNextPage: false }
  }

const shown = ({ changes }: ChangesOfEvent, namespace: string): Omit<StateChange, 'event' | 'position'> | undefined => {
  const listeners = (changes.listenerStatus ?? []).flatMap(change => {
    if (change.table !== 'listeners') return []
    const { before, after } = change
    return [{ name: rowOf(change).name, ...(before && { before }), ...(after && { after }) }]
  })
  const routerConfig = entityChanges(changes.routerConfig ?? [], namespace)
  const { added, removed, changed } = routerConfig
  return listeners.length + added.length + removed.length + changed.length === 0
    ? undefined
    : { listeners, routerConfig }
}

const eventAt = async (log: LogReader, position: Position) => {
  try {
    const event = await log.firstAfter(position - 1)
    if (event?.position !== position) throw unavailable('the event store lacks an event that the read models show')
    return event
  } catch (error) {
    throw toQueryError(error)
  }
}
