import assert from 'node:assert/strict'
import { relative } from 'node:path'
import { getTestContext } from 'node:test'
import fc from '../support/fast-check.ts'
import { SEED } from '../support/random.ts'

const { FUZZ_TIMES = '1', FUZZ_PATH } = process.env

/** The command that repeats the running test with only the failing input. */
const repeating = (path: string): string => {
  const { filePath = '', name = '' } = getTestContext() ?? {}
  const only = `--test-name-pattern='${name}'`
  return `FUZZ_SEED=${SEED} FUZZ_TIMES=${FUZZ_TIMES} FUZZ_PATH=${path} node --test ${only} ${relative('', filePath)}`
}

/**
 * Tries a number of inputs, starting with those that failed once. Ends at the first failure without shrinking the input,
 * which may take minutes. Asserts that the number was reached.
 */
export const fuzz = async <T>(
  inputs: fc.Arbitrary<T>,
  runs: number,
  holds: (input: T) => Promise<void> | void,
  found: readonly T[] = [],
): Promise<void> => {
  const numRuns = runs * Number(FUZZ_TIMES)
  let tried = 0
  const property = fc.asyncProperty(inputs, async input => {
    tried += 1
    await holds(input)
  })
  const result = await fc.check(property, {
    numRuns,
    endOnFailure: true,
    examples: found.map(input => [input]),
    ...(FUZZ_PATH !== undefined && { path: FUZZ_PATH }),
  })
  if (result.failed)
    throw new Error(
      `${fc.defaultReportMessage(result)}\n\nTo repeat it: ${repeating(result.counterexamplePath ?? '')}`,
      {
        cause: result.errorInstance,
      },
    )
  if (FUZZ_PATH === undefined) assert.equal(tried, numRuns)
}
