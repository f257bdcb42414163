import { runTogether } from '../../support/process/run-together.ts'

await runTogether('test/console/**/*.test.ts')
