import { badUserInput } from '../../../../schemas/errors.ts'
import { BEGINNING } from '../../../../schemas/events/position.ts'
import type { RebuildProgress, RebuildSlice } from '../../../engine/rebuild/types.ts'
import type { OperationContext } from '../context.ts'
import type { MutationCompactHistoryArgs, MutationRebuildReadModelsArgs } from '../generated.ts'
import { readTime } from '../inputs.ts'
import type { ResolverServices } from './shared.ts'

const sliceAfter = (next: string | null | undefined): number => {
  if (next == null) return 0
  if (!/^[1-9]\d{0,14}$/.test(next)) throw badUserInput([{ path: 'after', message: 'must be `next` of a slice' }])
  return Number(next)
}

const ENDED: RebuildSlice = {
  done: BEGINNING,
  total: BEGINNING,
  replacedAt: undefined,
  differences: [],
  differenceCount: 0,
  next: undefined,
}

const STAGES = { building: 'Building', comparing: 'Comparing', replacing: 'Replacing', checking: 'Checking' } as const

export const maintenanceResolvers = ({ engine }: ResolverServices) => ({
  Query: { rebuild: () => engine.rebuild.progress },
  Rebuild: { stage: ({ stage }: RebuildProgress) => STAGES[stage] },
  Mutation: {
    compactHistory: async (
      _: unknown,
      { input: { before, after, dryRun } }: MutationCompactHistoryArgs,
      { caller }: OperationContext,
    ) => {
      const { kept, next, ...slice } = await engine.compact({
        before: Date.parse(readTime(before, 'before')),
        after: sliceAfter(after),
        isDryRun: dryRun ?? false,
        caller,
      })
      return {
        ...slice,
        keptFrom: new Date(kept.time).toISOString(),
        keptPosition: kept.position,
        next: next?.toString(),
      }
    },
    rebuildReadModels: async (
      _: unknown,
      { input: { after, verify, cancel } }: MutationRebuildReadModelsArgs,
      { caller }: OperationContext,
    ) => {
      if (!cancel) return engine.rebuild.slice({ after: after ?? undefined, compares: verify ?? false, caller })
      await engine.rebuild.cancel(after ?? undefined)
      return ENDED
    },
  },
})
