import { runTogether } from '../../support/process/run-together.ts'

await runTogether('test/{contract,event-store}/*.test.ts')
