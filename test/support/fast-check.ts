import fc from 'fast-check'
import { SEED } from './random.ts'

/** The time limit of a property under mutation testing, where each file runs hundreds of times. */
const SHORT_MS = 2000

// A fixed seed: a random one would make failures unrelated to the last change.
fc.configureGlobal({
  seed: SEED,
  ...(process.env.MUTATION !== undefined && { interruptAfterTimeLimit: SHORT_MS, endOnFailure: true }),
})

/** The number of inputs of a property whose default of 100 does not fit; `npm run fuzz` multiplies it. */
export const runs = (count: number) => ({ numRuns: count * Number(process.env.FUZZ_TIMES ?? 1) })

export default fc
