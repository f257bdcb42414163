import { runTogether } from '../support/process/run-together.ts'

await runTogether('test/*.test.ts', 'test/{auth,domain,lib,mutation,probing,projections,router,schemas}/**/*.test.ts')
