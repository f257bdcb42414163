import { runTogether } from '../../support/process/run-together.ts'

await runTogether('test/{docs,package}/*.test.ts')
