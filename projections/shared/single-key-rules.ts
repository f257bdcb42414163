import { type ConditionResult, type Conditions, conditionsAt, sameConditions } from './evaluate-conditions.ts'
import { type Counterpart, matchResult, type ReportedResource, type StatusRules } from './match-status.ts'

export interface SingleKeyResource extends ReportedResource {
  readonly spec: { readonly routingKey: string }
}

interface Evaluated {
  readonly conditions: Conditions
}

interface Probed<Resource> {
  readonly resource: Resource
  readonly reachable?: ConditionResult | undefined
}

interface SingleKeyRules<
  Resource extends SingleKeyResource,
  Row extends Resource & Evaluated,
  Other extends Counterpart,
> extends Omit<StatusRules<Resource, Row, Other>, 'evaluated' | 'isSame'> {
  readonly unmatched: string
  /** Evaluates Reachable, and drops an obsolete probe from the resource. */
  probed?(resource: Resource, configured: ConditionResult, matched: ConditionResult): Probed<Resource>
  row(resource: Resource, conditions: Conditions, hasMatch: boolean): Row
}

/** The rules of a kind with one routing key and the condition Matched. */
export const singleKeyRules = <
  Resource extends SingleKeyResource,
  Row extends Resource & Evaluated,
  Other extends Counterpart,
>({
  unmatched,
  probed,
  row,
  ...rules
}: SingleKeyRules<Resource, Row, Other>): StatusRules<Resource, Row, Other> => ({
  ...rules,
  evaluated: (given, { before, router, configured, time, hasCounterpart }) => {
    const matched = matchResult(router, hasCounterpart(given.spec.routingKey), unmatched)
    const { resource, reachable } = probed?.(given, configured, matched) ?? { resource: given }
    const { generation } = resource
    const conditions = conditionsAt(before?.conditions, { configured, matched, reachable }, { generation, time })
    return row(resource, conditions, matched.status === 'True')
  },
  isSame: (before, after) => sameConditions(before.conditions, after.conditions),
})
