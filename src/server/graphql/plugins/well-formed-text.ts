import { badUserInput } from '../../../../schemas/errors.ts'
import { textFaults } from '../../../../schemas/well-formed.ts'
import type { OperationPlugin } from '../context.ts'
import type { OperationRequest } from '../request-parser.ts'

/** Lone surrogates would be stored as U+FFFD, so different texts would become equal. */
export const useWellFormedText = (): OperationPlugin => ({
  onParse: ({ context }) => assertWellFormed(context.params),
})

const assertWellFormed = ({ query, operationName, variables }: OperationRequest): void => {
  const issues = [
    ...textFaults({ query, operationName }),
    ...textFaults(variables).map(({ path, message }) => ({ path: path.replace(/^input\.?/, ''), message })),
  ]
  if (issues.length > 0) throw badUserInput(issues)
}
