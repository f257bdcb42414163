import { rowOf } from '../../../projections/kit/table.ts'
import type { ListenerRow } from '../../../projections/listener-status.ts'
import type { ConditionResult } from '../../../projections/shared/conditions.ts'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import { listenerStream } from '../../../schemas/events/streams.ts'
import type { ChangesOfEvent } from '../history/replayed-tables.ts'
import { keysOf } from '../queries/pagination.ts'
import type { Moment } from '../queries/types.ts'
import { ALL_LISTENERS, listenersTopic, listenerTopic } from './change-feed.ts'
import type { ListenerChange, MatchChange, ReadyChange } from './types.ts'
import { momentOf, type RowWatch } from './watch-rows.ts'

const NEVER_CREATED: ConditionResult = {
  status: 'Unknown',
  reason: 'NotFound',
  message: 'There was no such listener',
}
const DELETED: ConditionResult = { status: 'Unknown', reason: 'NotFound', message: 'The listener was deleted' }

const rowAsOf = (change: ListenerChange, position: Position): ListenerChange =>
  change.row === undefined ? change : { ...change, row: { ...change.row, asOf: position } }

const unmarked = <T>(value: T): T => value

const listenerChanges = (changes: ChangesOfEvent, isWatched: (row: ListenerRow) => boolean): ListenerChange[] =>
  (changes.changes.listenerStatus ?? []).flatMap(change => {
    if (change.table !== 'listeners') return []
    const row = rowOf(change)
    if (!isWatched(row)) return []
    const { namespace, name } = row
    const { after } = change
    return [{ ...momentOf(changes), namespace, name, eventType: changes.event.type, ...(after && { row: after }) }]
  })

/** `begin` returns the first value and those of later changes. */
const oneListener = <T>(
  what: string,
  namespace: string,
  name: string,
  begin: (
    row: ListenerRow | undefined,
    at: Moment,
  ) => { readonly first: T; readonly next: (change: ListenerChange) => readonly T[] },
): Omit<RowWatch<T>, 'asOf'> => {
  const key = listenerStream(namespace, name)
  const topic = listenerTopic(key)
  return {
    name: `${what} of ${topic}`,
    topic,
    rows: [{ model: 'listenerStatus', table: 'listeners', rows: { key } }],
    begin: ({ listenerStatus: { listeners } }, at) => {
      const { first, next } = begin(listeners.get(key), at)
      const isWatched = (row: ListenerRow): boolean => row.name === name && row.namespace === namespace
      return { first: [first], next: changes => listenerChanges(changes, isWatched).flatMap(next) }
    },
  }
}

export const listenerWatch = (namespace: string, name: string): RowWatch<ListenerChange> => ({
  ...oneListener<ListenerChange>('listener', namespace, name, (row, at) => ({
    first: { ...at, namespace, name, ...(row && { row }) },
    next: change => [change],
  })),
  asOf: rowAsOf,
})

export const listenersWatch = (namespace: string | undefined): RowWatch<ListenerChange> => {
  const topic = namespace === undefined ? ALL_LISTENERS : listenersTopic(namespace)
  const prefix = namespace === undefined ? '' : listenerStream(namespace, '')
  const isWatched = (row: ListenerRow): boolean => namespace === undefined || row.namespace === namespace
  return {
    name: `listeners of ${topic}`,
    topic,
    rows: [{ model: 'listenerStatus', table: 'listeners', rows: { prefix } }],
    begin: ({ listenerStatus: { listeners } }, at) => ({
      first: keysOf(listeners, listenerStream, namespace).map(key => {
        const row = listeners.get(key) as ListenerRow
        return { ...at, namespace: row.namespace, name: row.name, row }
      }),
      next: changes => listenerChanges(changes, isWatched),
    }),
    asOf: rowAsOf,
  }
}

export const matchWatch = (namespace: string, name: string): RowWatch<MatchChange> => ({
  ...oneListener<MatchChange>('match', namespace, name, (row, at) => {
    let last = row?.hasMatchingConnector ?? false
    return {
      first: { ...at, value: last },
      next: ({ row, position, time }) => {
        const value = row?.hasMatchingConnector ?? false
        if (value === last) return []
        last = value
        return [{ position, time, value }]
      },
    }
  }),
  asOf: unmarked,
})

export const readyWatch = (namespace: string, name: string): RowWatch<ReadyChange> => ({
  ...oneListener<ReadyChange>('ready', namespace, name, (row, at) => {
    let last = row === undefined ? NEVER_CREATED : readyOf(row)
    return {
      first: { ...at, ...last },
      next: ({ row, position, time }) => {
        const now = row === undefined ? DELETED : readyOf(row)
        if (now.status === last.status && now.reason === last.reason && now.message === last.message) return []
        last = now
        return [{ position, time, ...now }]
      },
    }
  }),
  asOf: unmarked,
})

const readyOf = (row: ListenerRow): ConditionResult => {
  const { status, reason, message } = row.conditions.Ready
  return { status, reason, message }
}
