import { getOperationAST, OperationTypeNode } from 'graphql'
import type { OperationPlugin } from '../context.ts'

export const useFairness = (): OperationPlugin => ({
  onExecute: ({ args: { document, operationName, contextValue: context }, setResultAndStopExecution }) => {
    const isQuery = getOperationAST(document, operationName)?.operation === OperationTypeNode.QUERY
    const slot = isQuery ? context.slot?.startQuery() : undefined
    if (slot === undefined) return context.yield()
    return slot.then(() => {
      // The client may have left.
      if (context.signal.aborted) setResultAndStopExecution({})
      return context.yield()
    })
  },
})
