import type { ExecutionResult } from 'graphql'

/** Yoga's result processors call `stringify` if it is there: the text was made before. */
export type Result = ExecutionResult & {
  stringify?: (result: ExecutionResult) => string
}

export const stringify = (result: Result): string => result.stringify?.(result) ?? JSON.stringify(result)
