import { runTogether } from '../support/process/run-together.ts'

await runTogether('test/server/graphql/**/*.test.ts')
