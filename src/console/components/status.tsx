import type { LaneKind, LaneStatus } from '../lanes/lane.ts'

const SYMBOLS: Readonly<Record<LaneStatus, string>> = {
  Ready: '●',
  Pending: '◐',
  Error: '✕',
  Unknown: '?',
  NotObserved: '○',
}

const WORDS: Readonly<Record<LaneStatus, string>> = {
  Ready: 'Ready',
  Pending: 'Pending',
  Error: 'Error',
  Unknown: 'Unknown',
  NotObserved: 'Not observed',
}

/** Pending are routers that have not responded yet, and those that were detached. */
const ROUTER_WORDS: Partial<Readonly<Record<LaneStatus, string>>> = { Ready: 'Connected', Pending: 'Not connected' }

export const statusWords = (status: LaneStatus | undefined, kind?: LaneKind): string => {
  if (status === undefined) return 'Absent'
  return (kind === 'Router' ? ROUTER_WORDS[status] : undefined) ?? WORDS[status]
}

interface BadgeProperties {
  readonly status: LaneStatus | undefined
  readonly kind?: LaneKind | undefined
}

export const StatusBadge = ({ status, kind }: BadgeProperties) => (
  <span class="status" data-status={status ?? 'Absent'}>
    <i aria-hidden="true">{status === undefined ? '–' : SYMBOLS[status]}</i>
    {statusWords(status, kind)}
  </span>
)

interface ConditionLike {
  readonly type: string
  readonly status: string
  readonly reason: string
}

export const conditionStatus = ({ status, reason }: Omit<ConditionLike, 'type'>): LaneStatus | undefined => {
  if (reason === 'NotFound') return undefined
  if (status === 'True') return 'Ready'
  if (status === 'Unknown') return reason === 'NotObserved' ? 'NotObserved' : 'Unknown'
  return reason === 'Error' ? 'Error' : 'Pending'
}
