import { runTogether } from '../support/process/run-together.ts'

await runTogether('test/engine/subscriptions/*.test.ts')
