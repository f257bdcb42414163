import { rowOf } from '../../../projections/kit/table.ts'
import { MULTI_KEY_LISTENER_REPORTS, type MultiKeyListenerRow } from '../../../projections/multi-key-listener-status.ts'
import { routingKeysOf } from '../../../schemas/resources/multi-key-listener.ts'
import { addressName } from '../../../schemas/router-entities.ts'
import type { ControlledKind } from './kind.ts'
import { SocketReports } from './socket-reports.ts'

export const multiKeyListenerKind: ControlledKind<MultiKeyListenerRow> = {
  parts: ({ name, spec }) =>
    routingKeysOf(spec.strategy).map(key => ({ type: 'listenerAddress', name: addressName(name, key) })),
  counterpart: 'connector',
  events: MULTI_KEY_LISTENER_REPORTS,
  table: ({ multiKeyListenerStatus: { tables } }) => ({
    get: key => tables.multiKeyListeners.get(key),
    where: (index, value) =>
      index === 'namespace'
        ? tables.multiKeyListeners.where(index, value)
        : Array.from(tables.keys.where(index, value), ({ stream }) => tables.multiKeyListeners.get(stream)).filter(
            row => row !== undefined,
          ),
  }),
  changed: ({ multiKeyListenerStatus = [] }) =>
    multiKeyListenerStatus.flatMap(change => (change.table === 'multiKeyListeners' ? [rowOf(change)] : [])),
  endpoints: ({ spec }, index) => routingKeysOf(spec.strategy).flatMap(key => [...index.identities('connector', key)]),
  createReports: (context, onChange) => {
    const socket = new SocketReports(context, onChange)
    return {
      report: (row, findings) => {
        const matching = { routingKeys: routingKeysOf(row.spec.strategy), isMatched: row.hasDestination }
        return socket.report(row, matching, findings)
      },
      correction: (row, findings) => socket.correction(row, row.hasDestination, findings),
      remove: name => socket.remove(name),
    }
  },
}
