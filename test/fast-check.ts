import fc from 'fast-check'
import { SEED } from './chance.ts'

// Left alone, fast-check draws a seed for each property: a suite that fails now and then says nothing of the last change.
fc.configureGlobal({ seed: SEED })

export default fc
