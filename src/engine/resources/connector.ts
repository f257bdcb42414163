import { type ConnectorRow, type ConnectorStatusRows, connectorStatus } from '../../../projections/connector-status.ts'
import { asUnobserved } from '../../../projections/shared/observation.ts'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import { connector } from '../../domain/connector.ts'
import type { ResourceModel } from './resource-model.ts'

export const connectorModel = {
  decider: connector,
  model: 'connectorStatus',
  projection: connectorStatus,
  table: 'connectors',
  unobserved: {
    connectors: (row, since) => ({ ...asUnobserved(row, since), hasMatchingListener: false }),
  },
  past: (row: ConnectorRow, asOf: Position) => ({ ...row, asOf }),
} as const satisfies ResourceModel<ConnectorStatusRows>
