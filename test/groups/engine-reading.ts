import { runTogether } from '../support/process/run-together.ts'

await runTogether('test/engine/{history,queries,reports}/*.test.ts')
