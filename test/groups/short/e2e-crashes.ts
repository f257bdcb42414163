import { runTogether } from '../../support/process/run-together.ts'

await runTogether('test/e2e/[a-l]*.test.ts')
