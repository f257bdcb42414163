export const MANAGEMENT_OPERATIONS = ['QUERY', 'CREATE', 'UPDATE', 'DELETE'] as const
export const PROBE_RESULTS = ['reached', 'notReached', 'inconclusive'] as const
export type ProbeResult = (typeof PROBE_RESULTS)[number]
export type ManagementOperation = (typeof MANAGEMENT_OPERATIONS)[number]

/** What this engine has done to one router since its start: for those who watch over it. */
export interface RouterActivity {
  readonly namespace: string
  /** Whether this engine drives it, and not another one on the same store. */
  readonly isDriven: boolean
  /** Whether it answers. */
  readonly isConnected: boolean
  /** Whether somebody else drives it as well, so that this engine leaves it as it is. */
  readonly isContested: boolean
  readonly requests: Readonly<Record<ManagementOperation, number>>
  /** How many of them it refused. */
  readonly refusals: number
  /** Probes of listeners, by what they found. */
  readonly probes: Readonly<Record<ProbeResult, number>>
  /** Looks at all that it holds, and how many seconds they took together. */
  readonly rounds: { readonly count: number; readonly seconds: number }
}
