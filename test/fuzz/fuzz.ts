import assert from 'node:assert/strict'
import { relative } from 'node:path'
import { getTestContext } from 'node:test'
import fc from '../support/fast-check.ts'
import { SEED } from '../support/random.ts'

const { FUZZ_TIMES = '1', FUZZ_PATH } = process.env

/** What runs the test that is running once more, with the input that failed alone. */
const repeating = (path: string): string => {
  const { filePath = '', name = '' } = getTestContext() ?? {}
  const only = `--test-name-pattern='${name}'`
  return `FUZZ_SEED=${SEED} FUZZ_TIMES=${FUZZ_TIMES} FUZZ_PATH=${path} node --test ${only} ${relative('', filePath)}`
}

/**
 * Tries so many inputs, those first that were once found to fail. The first failure ends it: in place of `endOnFailure`
 * fast-check makes the input as small as it can, which may take minutes. Resolves once the inputs are counted: a fuzzer
 * that tries less than it says is none.
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
