import type { ExecutionResult } from 'graphql'

/** Yoga's result processors call `stringify` if it is there: the text was made before. */
export type Result = ExecutionResult & {
  stringify?: (result: ExecutionResult) => string
  /** Of a subscription: the text of the next result, if it is there already. */
  following?: () => string | undefined
}

export const stringify = (result: Result): string => result.stringify?.(result) ?? JSON.stringify(result)
