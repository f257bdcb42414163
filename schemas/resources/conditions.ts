import type { ConditionedKind } from './kinds.ts'

/** In display order. */
export const CONDITION_TYPES = ['Configured', 'Matched', 'Operational', 'Ready', 'Reachable'] as const
export type ConditionType = (typeof CONDITION_TYPES)[number]

/** The conditions of each kind. Only listeners with a probe have Reachable. */
export const CONDITIONS = {
  Listener: ['Configured', 'Matched', 'Ready', 'Reachable'],
  Connector: ['Configured', 'Matched', 'Ready'],
  MultiKeyListener: ['Configured', 'Operational', 'Ready'],
} as const satisfies Readonly<Record<ConditionedKind, readonly ConditionType[]>>
