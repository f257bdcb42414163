import {
  type MultiKeyListenerRow,
  type MultiKeyListenerStatusRows,
  multiKeyListenerStatus,
  strategyStatus,
} from '../../../projections/multi-key-listener-status.ts'
import { asUnobserved } from '../../../projections/shared/observation.ts'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import { multiKeyListener } from '../../domain/multi-key-listener.ts'
import type { ResourceModel } from './resource-model.ts'

export const multiKeyListenerModel = {
  decider: multiKeyListener,
  model: 'multiKeyListenerStatus',
  projection: multiKeyListenerStatus,
  table: 'multiKeyListeners',
  holdsEndpoint: true,
  unobserved: {
    multiKeyListeners: (row, since) => ({
      ...asUnobserved(row, since),
      hasDestination: false,
      strategy: strategyStatus(row.spec, () => false),
    }),
  },
  past: (row: MultiKeyListenerRow, asOf: Position) => ({ ...row, asOf }),
} as const satisfies ResourceModel<MultiKeyListenerStatusRows>
