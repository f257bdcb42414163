import { rowOf } from '../../../projections/kit/table.ts'
import { MULTI_KEY_LISTENER_REPORTS, type MultiKeyListenerRow } from '../../../projections/multi-key-listener-status.ts'
import { routingKeysOf } from '../../../schemas/resources/multi-key-listener.ts'
import { addressName } from '../../../schemas/router-entities.ts'
import { InUseReports } from '../port-holders/in-use-reports.ts'
import type { EntityFindings, EntityReport } from '../reports/entity-report.ts'
import { reportListener } from '../reports/listener-report.ts'
import { isCutOff } from './cut-off.ts'
import { type ControlledKind, type KindReports, type ReportContext, UNCONFIRMED_PATIENCE } from './kind.ts'

const isShownOpen = ({ router, generation, hasDestination }: MultiKeyListenerRow): boolean =>
  hasDestination && router?.state === 'opened' && router.generation === generation

class MultiKeyListenerReports implements KindReports<MultiKeyListenerRow> {
  readonly #context: ReportContext
  readonly #inUse: InUseReports | undefined

  constructor(context: ReportContext, onChange: (name: string) => void) {
    const { clock, findPortHolder: find } = context
    this.#context = context
    this.#inUse = find && new InUseReports({ find, clock, onFound: onChange })
  }

  report(row: MultiKeyListenerRow, findings: EntityFindings): EntityReport | 'undecided' | undefined {
    const { index, patienceMs } = this.#context
    const { isSuppressed } = findings
    const routingKeys = routingKeysOf(row.spec.strategy)
    const isOnNetwork = routingKeys.some(key => index.has('connector', key))
    const report = reportListener(row, {
      ...findings,
      isMatched: row.hasDestination || isOnNetwork,
      isShownOpen: isShownOpen(row) && !isSuppressed,
      isCutOff: row.hasDestination && !isSuppressed && isCutOff(this.#context, routingKeys),
      // The network may show first that the log's connectors are gone.
      patienceMs: isOnNetwork ? patienceMs : patienceMs * UNCONFIRMED_PATIENCE,
    })
    if (report === undefined || report === 'undecided') return report
    return this.#inUse?.amend(row.name, report) ?? report
  }

  correction(row: MultiKeyListenerRow, findings: EntityFindings): EntityReport | undefined {
    const isMatched = row.hasDestination
    const report = reportListener(row, { ...findings, isMatched, isShownOpen: false, isCutOff: false, patienceMs: 0 })
    return report === 'undecided' ? undefined : report
  }

  forget(name: string): void {
    this.#inUse?.forget(name)
  }
}

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
  createReports: (context, onChange) => new MultiKeyListenerReports(context, onChange),
}
