/**
 * `npm run mutate`: makes small changes to the code, one at a time, and counts those that the tests detect.
 *
 * A fixed seed samples a share of each area. `--again` repeats only the changes that the last run did not detect. Writes
 * docs/mutation.md once all areas were run; `--report` writes it from existing results.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { AREAS, type Area } from './areas.ts'
import { drawPieces } from './pieces.ts'
import { type AreaRun, mergeRuns, readMutants, renderReport, resultOf, survivingRanges } from './report.ts'

const HERE = import.meta.dirname
const OUT = 'node_modules/.cache/mutation'
const STRYKER = join(OUT, 'node_modules/@stryker-mutator')
const USAGE = `npm run mutate [-- [AREA ...] [--share PERCENT] [--seed NUMBER] [--concurrency NUMBER] [--again] [--report]]
areas: ${AREAS.map(({ name }) => name).join(', ')}`

const { values, positionals } = (() => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        share: { type: 'string' },
        seed: { type: 'string', default: '1' },
        concurrency: { type: 'string', default: '2' },
        again: { type: 'boolean', default: false },
        report: { type: 'boolean', default: false },
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

/** Installs Stryker apart from the project's dependencies, on first use. */
const install = (): void => {
  if (existsSync(STRYKER)) return
  mkdirSync(OUT, { recursive: true })
  for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(HERE, file), join(OUT, file))
  const { status } = spawnSync('npm', ['ci', '--prefix', OUT], { stdio: 'inherit' })
  if (status !== 0) process.exit(1)
}

const fileOf = (name: string): string => join(OUT, `${name}.run.json`)

/** The result of an area's last run; undefined if there is none. */
const lastRun = (name: string): AreaRun | undefined =>
  existsSync(fileOf(name)) ? (JSON.parse(readFileSync(fileOf(name), 'utf8')) as AreaRun) : undefined

const filesOf = (globs: readonly string[]): string[] => globs.flatMap(glob => globSync(glob).toSorted())

/** Runs Stryker on line ranges. */
const mutate = ({ name, tests }: Area, ranges: readonly string[]): AreaRun['mutants'] => {
  const report = join(OUT, `${name}.json`)
  const config = join(OUT, `${name}.config.json`)
  const options = {
    mutate: ranges,
    testRunner: 'tap',
    tap: {
      testFiles: filesOf(tests),
      nodeArgs: ['--test-reporter=tap', '-r', '{{hookFile}}', '{{testFile}}'],
      forceBail: true,
    },
    plugins: [resolve(STRYKER, 'tap-runner/dist/src/index.js')],
    coverageAnalysis: 'perTest',
    // Texts for people are not behaviour; tests that compared them all would only repeat them.
    mutator: { excludedMutations: ['StringLiteral'] },
    ignoreStatic: true,
    // Stryker would rewrite it with TypeScript's JavaScript API, which this version lacks; nothing compiles here.
    tsconfigFile: 'none',
    ignorePatterns: ['/.stryker-tmp', '/dist', '/data', '/docs'],
    reporters: ['progress-append-only', 'json'],
    jsonReporter: { fileName: report },
    concurrency: Number(values.concurrency),
    // Generous, because a change that is slow on a busy machine must not count as one that hangs.
    timeoutMS: 30_000,
    timeoutFactor: 4,
    dryRunTimeoutMinutes: 30,
    allowEmpty: true,
    tempDirName: `.stryker-tmp/${name}`,
  }
  writeFileSync(config, JSON.stringify(options))
  const { status } = spawnSync(process.execPath, [join(STRYKER, 'core/bin/stryker.js'), 'run', config], {
    stdio: 'inherit',
    env: {
      ...process.env,
      // Run the tests with this `node`, not with that of the path.
      PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
      NODE_COMPILE_CACHE: resolve(OUT, 'compiled'),
      MUTATION: '1',
    },
  })
  if (status !== 0) process.exit(1)
  return readMutants(readFileSync(report, 'utf8'))
}

const run = (area: Area): AreaRun => {
  const last = lastRun(area.name)
  if (values.again && last !== undefined) return mergeRuns(last, mutate(area, survivingRanges(last)))
  const [share, seed] = [Number(values.share ?? area.share), Number(values.seed)]
  const ranges = filesOf(area.code).flatMap(path => drawPieces(path, share, seed))
  return { name: area.name, share, seed, mutants: mutate(area, ranges) }
}

if (!values.report) {
  install()
  for (const area of AREAS.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
    const found = run(area)
    writeFileSync(fileOf(area.name), JSON.stringify(found))
    const { killed, survivors } = resultOf(found)
    console.log(`${area.name}: ${killed} of ${killed + survivors.length} changes were noticed`)
  }
}

const runs = AREAS.map(({ name }) => lastRun(name)).filter(found => found !== undefined)
const unrun = AREAS.map(({ name }) => name).filter(name => !runs.some(found => found.name === name))
if (values.report || unrun.length === 0) writeFileSync('docs/mutation.md', renderReport(runs, unrun))
else console.error('docs/mutation.md is written when all areas were run, or with --report')
