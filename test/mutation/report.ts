import { whyEquivalent } from './equivalent.ts'

/** What Stryker found of one change: https://github.com/stryker-mutator/mutation-testing-elements, its report schema. */
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

export interface Mutant extends FoundMutant {
  readonly path: string
}

/** What was found of an area. */
export interface AreaRun {
  readonly name: string
  /** Percent of the area's lines from which changes were drawn. */
  readonly share: number
  readonly seed: number
  readonly mutants: readonly Mutant[]
}

export interface Survivor {
  readonly path: string
  readonly line: number
  /** The changed code, on one line. */
  readonly change: string
}

export interface AreaResult {
  /** How many changes the tests noticed. */
  readonly killed: number
  readonly survivors: readonly Survivor[]
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

const isUnnoticed = ({ status }: Mutant): boolean => status === 'Survived' || status === 'NoCoverage'
const isNoticed = ({ status }: Mutant): boolean => status === 'Killed' || status === 'Timeout'

/** Where changes went unnoticed, as Stryker's ranges (`path:line:column-line:column`), in which columns count from 0. */
export const survivingRanges = ({ mutants }: AreaRun): string[] => [
  ...new Set(
    mutants
      .filter(isUnnoticed)
      .map(
        ({ path, location: { start, end } }) =>
          `${path}:${start.line}:${start.column - 1}-${end.line}:${end.column - 1}`,
      ),
  ),
]

const keyOf = ({ path, mutatorName, replacement, location }: Mutant): string =>
  JSON.stringify([path, mutatorName, replacement, location])

/** A run in which some changes were tried again: what they came to now counts. */
export const mergeRuns = (run: AreaRun, again: readonly Mutant[]): AreaRun => {
  const newer = new Map(again.map(mutant => [keyOf(mutant), mutant]))
  return { ...run, mutants: run.mutants.map(mutant => newer.get(keyOf(mutant)) ?? mutant) }
}

const LONGEST = 80

const oneLine = (text: string): string => {
  const line = text.replaceAll(/\s+/g, ' ')
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line
}

export const resultOf = ({ mutants }: AreaRun): AreaResult => ({
  killed: mutants.filter(isNoticed).length,
  survivors: mutants.filter(isUnnoticed).map(({ path, location, mutatorName, replacement }) => ({
    path,
    line: location.start.line,
    change: oneLine(`${mutatorName}: ${replacement}`),
  })),
})

const score = (killed: number, survived: number): string =>
  killed + survived === 0 ? '–' : `${((100 * killed) / (killed + survived)).toFixed(1)} %`

const inWords = ({ path, line, change }: Survivor): string => {
  const why = whyEquivalent(path, line)
  return `- \`${path}\` line ${line}, \`${change.replaceAll('`', "'")}\`${why === undefined ? '' : `: ${why}`}`
}

/** Where the tests are to notice so many of a hundred changes. */
const GOOD = 85

/** Says plainly which areas are not what they should be. */
const shortOf = (results: readonly (AreaRun & AreaResult)[]): string => {
  const short = results.filter(({ killed, survivors }) => 100 * killed < GOOD * (killed + survivors.length))
  return short.length === 0 ? 'All that were run reach it.' : `Below it: ${short.map(({ name }) => name).join(', ')}.`
}

/** The page of the documentation that says what the tests notice. */
export const renderReport = (runs: readonly AreaRun[], unrun: readonly string[]): string => {
  const results = runs.map(run => ({ ...run, ...resultOf(run) }))
  const rows = results.map(
    ({ name, share, seed, killed, survivors }) =>
      `| ${name} | ${share} % | ${seed} | ${killed + survivors.length} | ${killed} | ${score(killed, survivors.length)} |`,
  )
  const lists = results.map(({ name, survivors }) => [`## ${name}`, '', ...survivors.map(inWords)].join('\n'))
  return `# What the tests notice

Written by \`npm run mutate\`. Stryker changes the code in small ways, one at a time; the tests of the area then run,
and a change is noticed if one of them fails or hangs. Changes of texts for people are left out. The share says from how
much of the area's lines, drawn by the seed, changes were made. Wanted are ${GOOD} %. ${shortOf(results)}

| area | share | seed | changes | noticed | score |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}

${unrun.length === 0 ? '' : `Not run: ${unrun.join(', ')}.\n\n`}Changes that no test noticed follow. Where nothing of a change can be observed, the reason is given.

${lists.join('\n\n')}
`
}
