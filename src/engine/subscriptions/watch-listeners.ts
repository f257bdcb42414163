import type { ListenerRow } from '../../../projections/listener-status.ts'
import type { ConditionResult } from '../../../projections/shared/evaluate-conditions.ts'
import type { MatchChange, ReadyChange } from './types.ts'
import { oneResource } from './watch-resources.ts'
import type { RowWatch } from './watch-rows.ts'

const NEVER_CREATED: ConditionResult = {
  status: 'Unknown',
  reason: 'NotFound',
  message: 'There was no such listener',
}
const DELETED: ConditionResult = { status: 'Unknown', reason: 'NotFound', message: 'The listener was deleted' }

const unmarked = <T>(value: T): T => value

export const matchWatch = (namespace: string, name: string): RowWatch<MatchChange> => ({
  ...oneResource<'Listener', MatchChange>('match', 'Listener', namespace, name, (row, at) => {
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
  ...oneResource<'Listener', ReadyChange>('ready', 'Listener', namespace, name, (row, at) => {
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
