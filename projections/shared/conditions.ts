export type ConditionStatus = 'True' | 'False' | 'Unknown'
export type ResourceStatus = 'Pending' | 'Error' | 'Ready'
/** In the order in which they are shown. Reachable is there for listeners that ask to be probed. */
export const CONDITION_TYPES = ['Configured', 'Matched', 'Ready', 'Reachable'] as const
export type ConditionType = (typeof CONDITION_TYPES)[number]

/** What there is to say of a condition now, before one asks since when. */
export interface ConditionResult {
  readonly status: ConditionStatus
  /** One word: `Ready`, `Pending`, `Error`, `RouterUnreachable`. */
  readonly reason: string
  readonly message: string
}

export interface Condition extends ConditionResult {
  /** When `status` last changed; another reason or message leaves it alone. */
  readonly lastTransitionTime: string
  readonly observedGeneration: number
}

export type Conditions = Readonly<Record<Exclude<ConditionType, 'Reachable'>, Condition>> & {
  readonly Reachable?: Condition
}

/** The conditions that a resource has, in the order in which they are shown. */
export const conditionsOf = (conditions: Conditions): readonly (Condition & { readonly type: ConditionType })[] =>
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

/**
 * Ready holds when the others do. Otherwise it says what the first of them says that is False, and where none is, the
 * first that is Unknown.
 */
export const readyVerdict = (...others: readonly ConditionResult[]): ConditionResult => {
  return (
    others.find(verdict => verdict.status === 'False') ?? others.find(verdict => verdict.status === 'Unknown') ?? OK
  )
}

const transition = (
  before: Condition | undefined,
  verdict: ConditionResult,
  generation: number,
  time: string,
): Condition => ({
  ...verdict,
  lastTransitionTime: before?.status === verdict.status ? before.lastTransitionTime : time,
  observedGeneration: generation,
})

export interface ConditionResults {
  readonly configured: ConditionResult
  readonly matched: ConditionResult
  readonly reachable?: ConditionResult | undefined
}

/** The conditions with these results, as of an event at `time`. */
export const conditionsAt = (
  before: Conditions | undefined,
  { configured, matched, reachable }: ConditionResults,
  { generation, time }: { readonly generation: number; readonly time: string },
): Conditions => {
  const verdicts = reachable === undefined ? [configured, matched] : [configured, matched, reachable]
  return {
    Configured: transition(before?.Configured, configured, generation, time),
    Matched: transition(before?.Matched, matched, generation, time),
    Ready: transition(before?.Ready, readyVerdict(...verdicts), generation, time),
    ...(reachable && { Reachable: transition(before?.Reachable, reachable, generation, time) }),
  }
}

const sameCondition = (a: Condition | undefined, b: Condition | undefined): boolean =>
  a?.status === b?.status &&
  a?.reason === b?.reason &&
  a?.message === b?.message &&
  a?.observedGeneration === b?.observedGeneration

export const sameConditions = (a: Conditions, b: Conditions): boolean =>
  CONDITION_TYPES.every(type => sameCondition(a[type], b[type]))

/** Skupper's one word for it all is the reason of Ready; what is not known is still to come. */
export const resourceStatus = ({ Ready: ready }: Conditions): ResourceStatus =>
  ready.reason === 'Ready' || ready.reason === 'Error' ? ready.reason : 'Pending'
