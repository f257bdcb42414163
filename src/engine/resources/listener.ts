import { type ListenerRow, type ListenerStatusRows, listenerStatus } from '../../../projections/listener-status.ts'
import { asUnobserved } from '../../../projections/shared/observation.ts'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import { listener } from '../../domain/listener.ts'
import { type MatchTables, matchingConnectors } from '../queries/matching-connectors.ts'
import type { ResourceModel } from './resource-model.ts'

export const listenerModel = {
  decider: listener,
  model: 'listenerStatus',
  projection: listenerStatus,
  table: 'listeners',
  holdsEndpoint: true,
  unobserved: {
    listeners: (row, since) => ({ ...asUnobserved(row, since), hasMatchingConnector: false }),
  },
  past: (row: ListenerRow, asOf: Position, tables: MatchTables) => ({
    ...row,
    asOf,
    matchingConnectors: matchingConnectors(tables, row),
  }),
} as const satisfies ResourceModel<ListenerStatusRows>
