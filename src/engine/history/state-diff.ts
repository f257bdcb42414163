import type { ListenerRow } from '../../../projections/listener-status.ts'
import type { MultiKeyListenerRow } from '../../../projections/multi-key-listener-status.ts'
import { RESOURCES } from '../../../schemas/resources/registry.ts'
import type { ReadSide } from '../engine.ts'
import type { LogReader } from '../queries/log-reader.ts'
import { entityChanges } from '../queries/router-config-diff.ts'
import type { KeptTable } from '../read-models/projections.ts'
import type { ChangesOfEvent, FollowedRows } from './replayed-tables.ts'
import type { PastChanges } from './row-changes.ts'
import type { ResourceDifference, StateChange, StateChangeRequest } from './types.ts'

type ListenerKind = 'Listener' | 'MultiKeyListener'

const TABLES = {
  Listener: { model: 'listenerStatus', table: 'listeners' },
  MultiKeyListener: { model: 'multiKeyListenerStatus', table: 'multiKeyListeners' },
} as const satisfies Readonly<Record<ListenerKind, KeptTable>>

const rowsOf = (kind: ListenerKind, namespace: string, name: string): readonly FollowedRows[] => {
  const key = RESOURCES[kind].stream(namespace, name)
  return [
    { ...TABLES[kind], rows: { key } },
    { model: 'routerConfig', table: 'entities', rows: { key } },
    ...(kind === 'Listener'
      ? []
      : [{ model: 'routerConfig', table: 'entities', rows: { prefix: `${key}/` } } as const]),
  ]
}

const allRows = (namespace: string): readonly FollowedRows[] => [
  ...(['Listener', 'MultiKeyListener'] as const).map(kind => ({
    ...TABLES[kind],
    rows: { prefix: RESOURCES[kind].stream(namespace, '') },
  })),
  { model: 'routerConfig', table: 'entities', rows: { index: 'namespace', value: namespace } },
  { model: 'routerConfig', table: 'sites', rows: { key: namespace } },
]

const followedRows = ({ namespace, listener, multiKeyListener }: StateChangeRequest): readonly FollowedRows[] => {
  if (listener !== undefined) return rowsOf('Listener', namespace, listener)
  if (multiKeyListener !== undefined) return rowsOf('MultiKeyListener', namespace, multiKeyListener)
  return allRows(namespace)
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
      changes.push({ ...changed, position: batch.event.position, event: () => log.eventAt(batch.event.position) })
    }
    return { changes, hasNextPage: false }
  }

interface NamedRow {
  readonly name: string
}

type RowChanges<Row> = readonly { readonly table: string; readonly before?: Row; readonly after?: Row }[]

const differencesIn = <Row extends NamedRow>(changes: readonly object[], table: string): ResourceDifference<Row>[] =>
  (changes as RowChanges<Row>).flatMap(change => {
    const { before, after } = change
    const { name } = (after ?? before) as Row
    return change.table === table ? [{ name, ...(before && { before }), ...(after && { after }) }] : []
  })

const shown = ({ changes }: ChangesOfEvent, namespace: string): Omit<StateChange, 'event' | 'position'> | undefined => {
  const { listenerStatus = [], multiKeyListenerStatus = [], routerConfig: entities = [] } = changes
  const listeners = differencesIn<ListenerRow>(listenerStatus, TABLES.Listener.table)
  const multiKeyListeners = differencesIn<MultiKeyListenerRow>(multiKeyListenerStatus, TABLES.MultiKeyListener.table)
  const routerConfig = entityChanges(entities, namespace)
  const { added, removed, changed } = routerConfig
  const counts = [listeners, multiKeyListeners, added, removed, changed].map(({ length }) => length)
  return counts.every(count => count === 0) ? undefined : { listeners, multiKeyListeners, routerConfig }
}
