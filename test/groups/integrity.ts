import { runTogether } from '../support/process/run-together.ts'

await runTogether('test/{integrity,ops}/*.test.ts')
