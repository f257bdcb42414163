import assert from 'node:assert/strict'
import fc from 'fast-check'

/**
 * Tries so many inputs. What fails is told at once, with the seed and the path that give it again: with these in place of
 * `endOnFailure` fast-check makes it as small as it can, which may take minutes. Resolves once they are counted: a fuzzer
 * that tries less than it says is none.
 */
export const fuzz = async <T>(
  inputs: fc.Arbitrary<T>,
  runs: number,
  holds: (input: T) => Promise<void> | void,
): Promise<void> => {
  let tried = 0
  const counted = async (input: T): Promise<void> => {
    tried += 1
    await holds(input)
  }
  await fc.assert(fc.asyncProperty(inputs, counted), { numRuns: runs, endOnFailure: true })
  assert.equal(tried, runs)
}
