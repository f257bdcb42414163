/**
 * Changes the code in small ways, one at a time, and counts the changes that the tests notice: `npm run mutate`.
 *
 * A share of each area is drawn by a fixed seed. Writes docs/mutation.md when all areas were run.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { AREAS, type Area } from './areas.ts'
import { drawPieces } from './pieces.ts'
import { type AreaResult, areaResult, readResults, renderReport } from './report.ts'

const HERE = import.meta.dirname
const OUT = 'node_modules/.cache/mutation'
const STRYKER = join(OUT, 'node_modules/@stryker-mutator')
const USAGE = `npm run mutate [-- [AREA ...] [--share PERCENT] [--seed NUMBER] [--concurrency NUMBER]]
areas: ${AREAS.map(({ name }) => name).join(', ')}`

const { values, positionals } = (() => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        share: { type: 'string' },
        seed: { type: 'string', default: '1' },
        concurrency: { type: 'string', default: '2' },
      },
    })
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`)
    process.exit(2)
  }
})()

const unknown = positionals.filter(name => !AREAS.some(area => area.name === name))
if (unknown.length > 0) {
  console.error(`no area is named ${unknown.join(', ')}\n${USAGE}`)
  process.exit(2)
}

/** What Stryker needs is installed apart from the project's own dependencies, when it is first used. */
const install = (): void => {
  if (existsSync(STRYKER)) return
  mkdirSync(OUT, { recursive: true })
  for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(HERE, file), join(OUT, file))
  const { status } = spawnSync('npm', ['ci', '--prefix', OUT], { stdio: 'inherit' })
  if (status !== 0) process.exit(1)
}

const run = ({ name, code, tests, share }: Area): AreaResult => {
  const percent = Number(values.share ?? share)
  const report = join(OUT, `${name}.json`)
  const config = join(OUT, `${name}.config.json`)
  const options = {
    mutate: globSync(code)
      .toSorted()
      .flatMap(path => drawPieces(path, percent, Number(values.seed))),
    testRunner: 'tap',
    tap: { testFiles: tests, nodeArgs: ['--test-reporter=tap', '-r', '{{hookFile}}', '{{testFile}}'], forceBail: true },
    plugins: [resolve(STRYKER, 'tap-runner/dist/src/index.js')],
    coverageAnalysis: 'perTest',
    // Texts for people are not behaviour; a test that compared them all would only repeat them.
    mutator: { excludedMutations: ['StringLiteral'] },
    ignoreStatic: true,
    // Stryker would rewrite it with a TypeScript that still has an API in JavaScript; nothing compiles here.
    tsconfigFile: 'none',
    ignorePatterns: ['/dist', '/data', '/docs'],
    reporters: ['progress', 'json'],
    jsonReporter: { fileName: report },
    concurrency: Number(values.concurrency),
    timeoutMS: 20_000,
    allowEmpty: true,
  }
  writeFileSync(config, JSON.stringify(options))
  const { status } = spawnSync(process.execPath, [join(STRYKER, 'core/bin/stryker.js'), 'run', config], {
    stdio: 'inherit',
  })
  if (status !== 0) process.exit(1)
  return areaResult(name, percent, readResults(readFileSync(report, 'utf8')))
}

install()
const asked = AREAS.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
const results = asked.map(run)
for (const { name, killed, survivors } of results)
  console.log(`${name}: ${killed} of ${killed + survivors.length} changes were noticed`)
if (positionals.length === 0) writeFileSync('docs/mutation.md', renderReport(results, Number(values.seed)))
