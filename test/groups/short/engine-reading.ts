import { runTogether } from '../../support/process/run-together.ts'

await runTogether('test/engine/!(commands|read-models)/*.test.ts')
