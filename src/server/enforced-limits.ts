import type { LimitName, Limits } from '../../schemas/limits.ts'

/** Limits, and who is told when somebody runs into one. */
export interface EnforcedLimits extends Limits {
  hit(limit: LimitName): void
}
