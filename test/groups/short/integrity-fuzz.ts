import { runTogether } from '../../support/process/run-together.ts'

await runTogether('test/{fuzz,integrity,ops}/*.test.ts')
