import { runTogether } from '../../support/process/run-together.ts'

await runTogether('test/controller/[m-z]*.test.ts', 'test/controller/port-holders/*.test.ts')
