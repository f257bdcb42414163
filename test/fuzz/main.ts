import { spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { globSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/**
 * `npm run fuzz [file …]`: runs these test files, by default all of test/fuzz, with a new seed and many more inputs. Add
 * a failing input to the test as a fixed case: `npm test` uses the same inputs each time.
 */
const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const { FUZZ_SEED = String(randomInt(2 ** 31)), FUZZ_TIMES = '80' } = process.env
const given = process.argv.slice(2)
const files = given.length > 0 ? given : globSync('test/fuzz/*.test.ts', { cwd: ROOT }).sort()
const repeated = ['npm run fuzz', ...(given.length > 0 ? ['--', ...given] : [])].join(' ')
console.log(`FUZZ_SEED=${FUZZ_SEED} FUZZ_TIMES=${FUZZ_TIMES} ${repeated}`)

const { status } = spawnSync(process.execPath, ['--test', '--test-timeout=3600000', ...files], {
  cwd: ROOT,
  env: { ...process.env, FUZZ_SEED, FUZZ_TIMES },
  stdio: 'inherit',
})
process.exitCode = status ?? 1
