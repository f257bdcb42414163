import { runTogether } from '../support/process/run-together.ts'

await runTogether('test/fuzz/*.test.ts')
