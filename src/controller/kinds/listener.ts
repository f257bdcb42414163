import { rowOf } from '../../../projections/kit/table.ts'
import { LISTENER_REPORTS, type ListenerRow } from '../../../projections/listener-status.ts'
import { InUseReports } from '../port-holders/in-use-reports.ts'
import type { EndpointIndex } from '../reports/endpoint-index.ts'
import type { EntityFindings, EntityReport } from '../reports/entity-report.ts'
import { isShownOpen, reportListener } from '../reports/listener-report.ts'
import { TargetFailures } from '../reports/target-failures.ts'
import { isCutOff } from './cut-off.ts'
import { type ControlledKind, type KindReports, type ReportContext, UNCONFIRMED_PATIENCE } from './kind.ts'

class ListenerReports implements KindReports<ListenerRow> {
  readonly #context: ReportContext
  readonly #targets: TargetFailures
  readonly #inUse: InUseReports | undefined

  constructor(context: ReportContext, onChange: (name: string) => void) {
    const { site, entities, clock, findPortHolder: find } = context
    this.#context = context
    this.#targets = new TargetFailures(site, entities)
    this.#inUse = find && new InUseReports({ find, clock, onFound: onChange })
  }

  report(row: ListenerRow, findings: EntityFindings): EntityReport | 'undecided' | undefined {
    const { index, patienceMs } = this.#context
    const { isSuppressed } = findings
    const isOnNetwork = index.has('connector', row.spec.routingKey)
    const found = reportListener(row, {
      ...findings,
      isMatched: row.hasMatchingConnector || isOnNetwork,
      isShownOpen: isShownOpen(row) && !isSuppressed,
      isCutOff: row.hasMatchingConnector && !isSuppressed && isCutOff(this.#context, [row.spec.routingKey]),
      // The network may show first that the log's connector is gone.
      patienceMs: isOnNetwork ? patienceMs : patienceMs * UNCONFIRMED_PATIENCE,
    })
    if (found === undefined || found === 'undecided') return found
    const report = this.#inUse?.amend(row.name, found) ?? found
    return report === 'undecided' ? report : this.#targets.amend(row, report)
  }

  correction(row: ListenerRow, findings: EntityFindings): EntityReport | undefined {
    const isMatched = row.hasMatchingConnector
    const report = reportListener(row, { ...findings, isMatched, isShownOpen: false, isCutOff: false, patienceMs: 0 })
    return report === 'undecided' ? undefined : report
  }

  forget(name: string): void {
    this.#inUse?.forget(name)
    this.#targets.forget(name)
  }
}

/** A listener with exposePodsByName has a target for each connector with `<routingKey>.<target>`. */
function* endpointsOf({ spec }: ListenerRow, index: EndpointIndex): Iterable<string> {
  yield* index.identities('connector', spec.routingKey)
  if (!spec.exposePodsByName) return
  for (const key of index.routingKeys('connector')) {
    if (key.startsWith(`${spec.routingKey}.`)) yield* index.identities('connector', key)
  }
}

export const listenerKind: ControlledKind<ListenerRow> = {
  counterpart: 'connector',
  events: LISTENER_REPORTS,
  table: ({ listenerStatus }) => listenerStatus.tables.listeners,
  changed: ({ listenerStatus = [], routerConfig = [] }) => [
    ...listenerStatus.flatMap(change => (change.table === 'listeners' ? [rowOf(change)] : [])),
    ...routerConfig
      .flatMap(change => (change.table === 'exposed' ? [rowOf(change)] : []))
      .map(({ namespace, listener: name }) => ({ namespace, name })),
  ],
  endpoints: endpointsOf,
  createReports: (context, onChange) => new ListenerReports(context, onChange),
}
