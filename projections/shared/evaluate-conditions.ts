import { CONDITION_TYPES, type ConditionType } from '../../schemas/resources/conditions.ts'

export type { ConditionType } from '../../schemas/resources/conditions.ts'
export type ConditionStatus = 'True' | 'False' | 'Unknown'
export type ResourceStatus = 'Pending' | 'Error' | 'Ready'

export interface ConditionResult {
  readonly status: ConditionStatus
  /** `Ready`, `Pending`, `Error`, `RouterUnreachable` or `NotObserved`. */
  readonly reason: string
  readonly message: string
}

export interface Condition extends ConditionResult {
  /** The last change of `status`; ignores reason and message. */
  readonly lastTransitionTime: string
  readonly observedGeneration: number
}

export type Conditions = Readonly<Record<'Configured' | 'Matched' | 'Ready', Condition>> & {
  readonly Reachable?: Condition
}
export type OperationalConditions = Readonly<Record<'Configured' | 'Operational' | 'Ready', Condition>>

/** The conditions of any kind. */
export type AnyConditions = Readonly<Record<'Configured' | 'Ready', Condition>> & {
  readonly [Type in ConditionType]?: Condition
}

export const conditionsOf = (conditions: AnyConditions): readonly (Condition & { readonly type: ConditionType })[] =>
  CONDITION_TYPES.flatMap(type => {
    const condition = conditions[type]
    return condition === undefined ? [] : [{ type, ...condition }]
  })

export const OK: ConditionResult = { status: 'True', reason: 'Ready', message: 'OK' }
export const pending = (message: string): ConditionResult => ({ status: 'False', reason: 'Pending', message })
export const failed = (message: string): ConditionResult => ({ status: 'False', reason: 'Error', message })
export const unknown = (message: string): ConditionResult => ({
  status: 'Unknown',
  reason: 'RouterUnreachable',
  message,
})

/** True if all others are; otherwise the first False or, if none, the first Unknown. */
export const readyResult = (...others: readonly ConditionResult[]): ConditionResult =>
  others.find(({ status }) => status === 'False') ?? others.find(({ status }) => status === 'Unknown') ?? OK

const transition = (
  before: Condition | undefined,
  result: ConditionResult,
  generation: number,
  time: string,
): Condition => ({
  ...result,
  lastTransitionTime: before?.status === result.status ? before.lastTransitionTime : time,
  observedGeneration: generation,
})

interface ConditionResults {
  readonly configured: ConditionResult
  readonly matched: ConditionResult
  readonly reachable?: ConditionResult | undefined
}

export const conditionsAt = (
  before: Conditions | undefined,
  { configured, matched, reachable }: ConditionResults,
  { generation, time }: { readonly generation: number; readonly time: string },
): Conditions => {
  const results = reachable === undefined ? [configured, matched] : [configured, matched, reachable]
  return {
    Configured: transition(before?.Configured, configured, generation, time),
    Matched: transition(before?.Matched, matched, generation, time),
    Ready: transition(before?.Ready, readyResult(...results), generation, time),
    ...(reachable && { Reachable: transition(before?.Reachable, reachable, generation, time) }),
  }
}

export const operationalConditionsAt = (
  before: OperationalConditions | undefined,
  { configured, operational }: { readonly configured: ConditionResult; readonly operational: ConditionResult },
  { generation, time }: { readonly generation: number; readonly time: string },
): OperationalConditions => ({
  Configured: transition(before?.Configured, configured, generation, time),
  Operational: transition(before?.Operational, operational, generation, time),
  Ready: transition(before?.Ready, readyResult(configured, operational), generation, time),
})

const sameCondition = (a: Condition | undefined, b: Condition | undefined): boolean =>
  a?.status === b?.status &&
  a?.reason === b?.reason &&
  a?.message === b?.message &&
  a?.observedGeneration === b?.observedGeneration

export const sameConditions = (a: AnyConditions, b: AnyConditions): boolean =>
  CONDITION_TYPES.every(type => sameCondition(a[type], b[type]))

/** Follows the reason of Ready, as in Skupper; unknown is Pending. */
export const resourceStatus = ({ Ready: ready }: Pick<AnyConditions, 'Ready'>): ResourceStatus =>
  ready.reason === 'Ready' || ready.reason === 'Error' ? ready.reason : 'Pending'
