import { Counter, Gauge, type Registry } from 'prom-client'
import type { ReloadState } from '../../config/file-reloader.ts'

const LABELS = ['use', 'namespace'] as const

export const registerReloadMetrics = (registry: Registry, states: () => readonly ReloadState[]): void => {
  const perFiles = (
    Kind: typeof Gauge | typeof Counter,
    name: string,
    help: string,
    value: (state: ReloadState) => number | undefined,
  ): void => {
    new Kind({
      name,
      help,
      labelNames: LABELS,
      registers: [registry],
      collect() {
        this.reset()
        for (const state of states()) {
          const found = value(state)
          if (found !== undefined) this.inc({ ...state.labels }, found)
        }
      },
    })
  }
  perFiles(
    Gauge,
    'hark_tls_certificate_expiry_timestamp_seconds',
    'When the certificate in use expires, of the server or for the router of a namespace',
    ({ expiresAt }) => expiresAt && expiresAt.getTime() / 1000,
  )
  perFiles(
    Gauge,
    'hark_reload_successful',
    '0 while changed files cannot be used, and what was read before is',
    ({ isCurrent }) => Number(isCurrent),
  )
  perFiles(Counter, 'hark_reload_failures_total', 'Attempts to read changed files that failed', of => of.failures)
}
