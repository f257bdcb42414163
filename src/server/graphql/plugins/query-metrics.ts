import { getOperationAST, Kind, type OperationDefinitionNode, OperationTypeNode } from 'graphql'
import type { Metrics } from '../../http/metrics.ts'
import type { OperationPlugin } from '../context.ts'

/** Clients choose the names of operations freely. */
const firstField = ({ selectionSet: { selections } }: OperationDefinitionNode): string => {
  const [first] = selections
  return first?.kind === Kind.FIELD ? first.name.value : 'fragment'
}

export const useQueryMetrics = (metrics: Metrics): OperationPlugin => ({
  onExecute: ({ args: { document, operationName, contextValue: context } }) => {
    const operation = getOperationAST(document, operationName)
    if (operation?.operation !== OperationTypeNode.QUERY) return
    return {
      onExecuteDone: () => metrics.observeQuery(firstField(operation), (performance.now() - context.receivedAt) / 1000),
    }
  },
})
