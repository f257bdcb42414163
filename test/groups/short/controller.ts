import { runTogether } from '../../support/process/run-together.ts'

await runTogether(
  'test/controller/[a-l]*.test.ts',
  'test/controller/entities/*.test.ts',
  'test/controller/kinds/*.test.ts',
  'test/controller/reports/*.test.ts',
)
