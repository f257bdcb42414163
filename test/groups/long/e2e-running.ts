import { runTogether } from '../../support/process/run-together.ts'

await runTogether('test/e2e/[m-z]*.test.ts')
