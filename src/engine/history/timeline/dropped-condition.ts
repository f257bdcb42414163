import type { ConditionType } from '../../../../projections/shared/evaluate-conditions.ts'

/**
 * Users choose the keys of other maps, which may be the names of conditions. Most patches have no such key and are not
 * parsed.
 */
export const dropsCondition = (patch: string, type: ConditionType): boolean =>
  patch.includes(`"${type}":null`) && JSON.parse(patch).conditions?.[type] === null
