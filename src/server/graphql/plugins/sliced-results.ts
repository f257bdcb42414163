import type { OperationPlugin } from '../context.ts'
import type { Result } from '../result.ts'
import { stringifyInSlices } from '../stringify-in-slices.ts'

export const useSlicedResults = (): OperationPlugin => ({
  onExecute: ({ args: { contextValue: context } }) => ({
    onExecuteDone: ({ result, setResult }) =>
      context.hasManyItems
        ? stringifyInSlices(result, () => context.yield()).then(text => {
            const serialized: Result = { ...result, stringify: () => text }
            setResult(serialized)
          })
        : undefined,
  }),
})
