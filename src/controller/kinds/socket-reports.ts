import type { RouterReport } from '../../../projections/shared/match-status.ts'
import { InUseReports } from '../port-holders/in-use-reports.ts'
import type { EntityFindings, EntityReport } from '../reports/entity-report.ts'
import { reportListener } from '../reports/listener-report.ts'
import { isCutOff } from './cut-off.ts'
import type { ReportContext } from './kind.ts'

/** A factor of the timeout for connectors that are not seen on the network. */
const UNCONFIRMED_FACTOR = 2

interface SocketRow {
  readonly name: string
  readonly generation: number
  readonly spec: { readonly host: string; readonly port: number }
  readonly router?: RouterReport
}

interface Matching {
  readonly routingKeys: readonly string[]
  readonly isMatched: boolean
}

/** A router opens a socket while one of the routing keys has a connector. */
export class SocketReports {
  readonly #context: ReportContext
  readonly #inUse: InUseReports | undefined

  constructor(context: ReportContext, onChange: (name: string) => void) {
    const { clock, findPortHolder: find } = context
    this.#context = context
    this.#inUse = find && new InUseReports({ find, clock, onFound: onChange })
  }

  report(
    row: SocketRow,
    { routingKeys, isMatched }: Matching,
    findings: EntityFindings,
  ): EntityReport | 'undecided' | undefined {
    const { index, openTimeoutMs } = this.#context
    const { isSuppressed } = findings
    const isOnNetwork = routingKeys.some(key => index.has('connector', key))
    const report = reportListener(row, {
      ...findings,
      isMatched: isMatched || isOnNetwork,
      isShownOpen: isMatched && isOpen(row) && !isSuppressed,
      isCutOff: isMatched && !isSuppressed && isCutOff(this.#context, routingKeys),
      // The network may show first that the log's connectors are gone.
      openTimeoutMs: isOnNetwork ? openTimeoutMs : openTimeoutMs * UNCONFIRMED_FACTOR,
    })
    if (report === undefined || report === 'undecided') return report
    return this.#inUse?.amend(row.name, report) ?? report
  }

  correction(row: SocketRow, isMatched: boolean, findings: EntityFindings): EntityReport | undefined {
    const report = reportListener(row, {
      ...findings,
      isMatched,
      isShownOpen: false,
      isCutOff: false,
      openTimeoutMs: 0,
    })
    return report === 'undecided' ? undefined : report
  }

  remove(name: string): void {
    this.#inUse?.remove(name)
  }
}

const isOpen = ({ router, generation }: SocketRow): boolean =>
  router?.state === 'opened' && router.generation === generation
