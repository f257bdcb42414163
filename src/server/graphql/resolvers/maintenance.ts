import { badUserInput } from '../../../../schemas/errors.ts'
import { BEGINNING } from '../../../../schemas/events/position.ts'
import type { RebuildSlice } from '../../../engine/rebuild/types.ts'
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

export const maintenanceResolvers = ({ engine }: ResolverServices) => ({
  Mutation: {
    compactHistory: async (_: unknown, { input: { before, after, dryRun } }: MutationCompactHistoryArgs) => {
      const { kept, next, ...slice } = await engine.compact({
        before: Date.parse(readTime(before, 'before')),
        after: sliceAfter(after),
        isDryRun: dryRun ?? false,
      })
      return {
        ...slice,
        keptFrom: new Date(kept.time).toISOString(),
        keptPosition: kept.position,
        next: next?.toString(),
      }
    },
    rebuildReadModels: async (_: unknown, { input: { after, verify, cancel } }: MutationRebuildReadModelsArgs) => {
      if (!cancel) return engine.rebuild.slice({ after: after ?? undefined, compares: verify ?? false })
      await engine.rebuild.cancel(after ?? undefined)
      return ENDED
    },
  },
})
