import fc from 'fast-check'
import { SEED } from './random.ts'

/** Under mutation testing, where each file runs hundreds of times: what a property does not find by then, it leaves. */
const SHORT_MS = 2000

// Left alone, fast-check draws a seed for each property: a suite that fails now and then says nothing of the last change.
fc.configureGlobal({
  seed: SEED,
  ...(process.env.MUTATION !== undefined && { interruptAfterTimeLimit: SHORT_MS, endOnFailure: true }),
})

export default fc
