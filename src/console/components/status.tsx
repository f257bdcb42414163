import type { LaneStatus } from '../lanes/lane.ts'

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

export const statusWords = (status: LaneStatus | undefined): string => (status === undefined ? 'Absent' : WORDS[status])

export const StatusBadge = ({ status }: { readonly status: LaneStatus | undefined }) => (
  <span class="status" data-status={status ?? 'Absent'}>
    <i aria-hidden="true">{status === undefined ? '–' : SYMBOLS[status]}</i>
    {statusWords(status)}
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
