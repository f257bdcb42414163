import { whyEquivalent } from './equivalent.ts'

/** A mutant in Stryker's report schema: https://github.com/stryker-mutator/mutation-testing-elements */
interface FoundMutant {
  readonly mutatorName: string
  readonly replacement?: string
  readonly status:
    | 'Killed'
    | 'Survived'
    | 'NoCoverage'
    | 'Timeout'
    | 'Ignored'
    | 'RuntimeError'
    | 'CompileError'
    | 'Pending'
  readonly location: { readonly start: Place; readonly end: Place }
}

interface Place {
  readonly line: number
  readonly column: number
}

interface Mutant extends FoundMutant {
  readonly path: string
}

/** The result of running an area. */
export interface AreaRun {
  readonly name: string
  /** Percent of the area's lines that were sampled. */
  readonly share: number
  readonly seed: number
  readonly mutants: readonly Mutant[]
}

export interface Change {
  readonly path: string
  readonly line: number
  /** The changed code, on one line. */
  readonly change: string
}

interface AreaResult {
  /** The number of detected changes. */
  readonly killed: number
  /** Detected changes with which a test did not end in time. */
  readonly hanging: readonly Change[]
  readonly survivors: readonly Change[]
}

export const readMutants = (json: string): Mutant[] => {
  const { files } = JSON.parse(json) as { files: Record<string, { mutants: FoundMutant[] }> }
  return Object.entries(files).flatMap(([path, { mutants }]) =>
    mutants.map(({ mutatorName, replacement = '', status, location }) => ({
      path,
      mutatorName,
      replacement,
      status,
      location,
    })),
  )
}

const isUndetected = ({ status }: Mutant): boolean => status === 'Survived' || status === 'NoCoverage'
const isDetected = ({ status }: Mutant): boolean => status === 'Killed' || status === 'Timeout'

/** Undetected changes as Stryker's ranges (`path:line:column-line:column`), with columns from 0. */
export const survivingRanges = ({ mutants }: AreaRun): string[] => [
  ...new Set(
    mutants
      .filter(isUndetected)
      .map(
        ({ path, location: { start, end } }) =>
          `${path}:${start.line}:${start.column - 1}-${end.line}:${end.column - 1}`,
      ),
  ),
]

const keyOf = ({ path, mutatorName, replacement, location }: Mutant): string =>
  JSON.stringify([path, mutatorName, replacement, location])

/** A run with the results of repeated changes replaced. */
export const mergeRuns = (run: AreaRun, again: readonly Mutant[]): AreaRun => {
  const newer = new Map(again.map(mutant => [keyOf(mutant), mutant]))
  return { ...run, mutants: run.mutants.map(mutant => newer.get(keyOf(mutant)) ?? mutant) }
}

const LONGEST = 80

const oneLine = (text: string): string => {
  const line = text.replaceAll(/\s+/g, ' ')
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line
}

const changeOf = ({ path, location, mutatorName, replacement }: Mutant): Change => ({
  path,
  line: location.start.line,
  change: oneLine(`${mutatorName}: ${replacement}`),
})

export const resultOf = ({ mutants }: AreaRun): AreaResult => ({
  killed: mutants.filter(isDetected).length,
  hanging: mutants.filter(({ status }) => status === 'Timeout').map(changeOf),
  survivors: mutants.filter(isUndetected).map(changeOf),
})

const score = (killed: number, survived: number): string =>
  killed + survived === 0 ? '–' : `${((100 * killed) / (killed + survived)).toFixed(1)} %`

const toListItem = ({ path, line, change }: Change): string =>
  `- \`${path}\` line ${line}, \`${change.replaceAll('`', "'")}\``

const toSurvivor = (survivor: Change): string => {
  const why = whyEquivalent(survivor.path, survivor.line)
  return toListItem(survivor) + (why === undefined ? '' : `: ${why}`)
}

/** The target: percent of changes that the tests should detect. */
const GOOD = 85

/** A sentence that names the areas below the target. */
const shortOf = (results: readonly (AreaRun & AreaResult)[]): string => {
  const short = results.filter(({ killed, survivors }) => 100 * killed < GOOD * (killed + survivors.length))
  return short.length === 0 ? 'All areas reach it.' : `Below it: ${short.map(({ name }) => name).join(', ')}.`
}

/** The page docs/mutation.md. */
export const renderReport = (runs: readonly AreaRun[], unrun: readonly string[]): string => {
  const results = runs.map(run => ({ ...run, ...resultOf(run) }))
  const rows = results.map(
    ({ name, share, seed, killed, survivors }) =>
      `| ${name} | ${share} % | ${seed} | ${killed + survivors.length} | ${killed} | ${score(killed, survivors.length)} |`,
  )
  const lists = results
    .filter(({ survivors }) => survivors.length > 0)
    .map(({ name, survivors }) => [`## ${name}`, '', ...survivors.map(toSurvivor)].join('\n'))
  const hanging = results.flatMap(result => result.hanging.map(toListItem))
  return `# Mutation testing

Written by \`npm run mutate\`. Stryker makes small changes to the code, one at a time, and runs the tests of the area; a
change is detected if a test fails or hangs. Changes of texts for people are left out. The share of an area's lines that
was changed is sampled by the seed. The target is ${GOOD} %. ${shortOf(results)}

| area | share | seed | changes | detected | score |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}

${unrun.length === 0 ? '' : `Not run: ${unrun.join(', ')}.\n\n`}Undetected changes follow, with the reason if a change has no observable effect.

${lists.join('\n\n')}

## Hanging

With these changes a test did not end within four times its usual time and thirty seconds, which counts as detected.

${hanging.length === 0 ? 'None.' : hanging.join('\n')}
`
}
