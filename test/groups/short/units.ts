import { runTogether } from '../../support/process/run-together.ts'

await runTogether(
  'test/*.test.ts',
  'test/!(cli|console|contract|controller|docs|e2e|engine|event-store|fuzz|integrity|ops|package|server)/**/*.test.ts',
)
