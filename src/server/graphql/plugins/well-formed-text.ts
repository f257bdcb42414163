import { badUserInput } from '../../../../schemas/errors.ts'
import { isWellFormed, textFaults } from '../../../../schemas/well-formed.ts'
import type { OperationPlugin } from '../context.ts'
import type { OperationRequest } from '../request-parser.ts'

/** Lone surrogates would be stored as U+FFFD, so different texts would become equal. */
export const useWellFormedText = (): OperationPlugin => ({
  onParse: ({ context }) => assertWellFormed(context.params),
})

const assertWellFormed = ({ query, operationName, variables }: OperationRequest): void => {
  // Naming faults takes several times as long as finding none.
  if (isWellFormed(query) && isWellFormed(operationName) && isWellFormed(variables)) return
  throw badUserInput([
    ...textFaults({ query, operationName }),
    ...textFaults(variables).map(({ path, message }) => ({ path: path.replace(/^input\.?/, ''), message })),
  ])
}
