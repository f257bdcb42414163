import { CONNECTOR_REPORTS, type ConnectorRow } from '../../../projections/connector-status.ts'
import { rowOf } from '../../../projections/kit/table.ts'
import { reportEntity } from '../reports/entity-report.ts'
import type { ControlledKind } from './kind.ts'

export const connectorKind: ControlledKind<ConnectorRow> = {
  counterpart: 'listener',
  events: CONNECTOR_REPORTS,
  table: ({ connectorStatus }) => connectorStatus.tables.connectors,
  changed: ({ connectorStatus = [] }) =>
    connectorStatus.flatMap(change => (change.table === 'connectors' ? [rowOf(change)] : [])),
  endpoints: ({ spec }, index) => index.identities('listener', spec.routingKey),
  createReports: () => ({
    report: (_, findings) => reportEntity(findings),
    correction: (_, findings) => reportEntity(findings),
  }),
}
