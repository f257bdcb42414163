import { runTogether } from '../../support/process/run-together.ts'

await runTogether('test/cli/**/*.test.ts')
