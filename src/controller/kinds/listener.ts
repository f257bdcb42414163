import { rowOf } from '../../../projections/kit/table.ts'
import { LISTENER_REPORTS, type ListenerRow } from '../../../projections/listener-status.ts'
import type { EndpointIndex } from '../reports/endpoint-index.ts'
import type { EntityFindings, EntityReport } from '../reports/entity-report.ts'
import { TargetFailures } from '../reports/target-failures.ts'
import type { ControlledKind, KindReports, ReportContext } from './kind.ts'
import { SocketReports } from './socket-reports.ts'

class ListenerReports implements KindReports<ListenerRow> {
  readonly #socket: SocketReports
  readonly #targets: TargetFailures

  constructor(context: ReportContext, onChange: (name: string) => void) {
    this.#socket = new SocketReports(context, onChange)
    this.#targets = new TargetFailures(context.site, context.entities)
  }

  report(row: ListenerRow, findings: EntityFindings): EntityReport | 'undecided' | undefined {
    const matching = { routingKeys: [row.spec.routingKey], isMatched: row.hasMatchingConnector }
    const report = this.#socket.report(row, matching, findings)
    return report === undefined || report === 'undecided' ? report : this.#targets.amend(row, report)
  }

  correction(row: ListenerRow, findings: EntityFindings): EntityReport | undefined {
    return this.#socket.correction(row, row.hasMatchingConnector, findings)
  }

  remove(name: string): void {
    this.#socket.remove(name)
    this.#targets.remove(name)
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
