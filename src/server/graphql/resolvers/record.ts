import type { LastCheckpoint } from '../../../integrity/checkpoints/last-checkpoint.ts'
import type { OperationContext } from '../context.ts'
import type { ResolverServices } from './shared.ts'

export const recordResolvers = ({ signing, lastCheckpoint }: ResolverServices) => ({
  Query: { record: () => signing() },
  RecordState: {
    lastCheckpoint: (_: unknown, _args: object, context: OperationContext): Promise<LastCheckpoint | undefined> =>
      context.read(lastCheckpoint),
  },
})
