/** What Stryker found of one change: https://github.com/stryker-mutator/mutation-testing-elements, its report schema. */
interface Mutant {
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
  readonly location: { readonly start: { readonly line: number } }
}

export interface Survivor {
  readonly path: string
  readonly line: number
  /** The changed code, on one line. */
  readonly change: string
}

export interface AreaResult {
  readonly name: string
  /** Percent of the area's lines from which changes were drawn. */
  readonly share: number
  /** How many changes the tests noticed. */
  readonly killed: number
  readonly survivors: readonly Survivor[]
}

type Found = readonly (readonly [path: string, mutant: Mutant])[]

export const readResults = (json: string): Found => {
  const { files } = JSON.parse(json) as { files: Record<string, { mutants: Mutant[] }> }
  return Object.entries(files).flatMap(([path, { mutants }]) => mutants.map(mutant => [path, mutant] as const))
}

const LONGEST = 80

const oneLine = (text: string): string => {
  const line = text.replaceAll(/\s+/g, ' ')
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line
}

export const areaResult = (name: string, share: number, found: Found): AreaResult => ({
  name,
  share,
  killed: found.filter(([, { status }]) => status === 'Killed' || status === 'Timeout').length,
  survivors: found
    .filter(([, { status }]) => status === 'Survived' || status === 'NoCoverage')
    .map(([path, { location, mutatorName, replacement }]) => ({
      path,
      line: location.start.line,
      change: oneLine(`${mutatorName}: ${replacement ?? ''}`),
    })),
})

const score = (killed: number, survived: number): string =>
  killed + survived === 0 ? '–' : `${((100 * killed) / (killed + survived)).toFixed(1)} %`

/** The page of the documentation that says what the tests notice. */
export const renderReport = (results: readonly AreaResult[], seed: number): string => {
  const rows = results.map(
    ({ name, share, killed, survivors }) =>
      `| ${name} | ${share} % | ${killed + survivors.length} | ${killed} | ${score(killed, survivors.length)} |`,
  )
  const lists = results.map(({ name, survivors }) =>
    [
      `## ${name}`,
      '',
      ...survivors.map(({ path, line, change }) => `- \`${path}:${line}\` ${'`'}${change.replaceAll('`', "'")}${'`'}`),
    ].join('\n'),
  )
  return `# What the tests notice

Written by \`npm run mutate\` (seed ${seed}). Stryker changes the code in small ways, one at a time; the tests of the area then run,
and a change is noticed if one of them fails or hangs. Changes of texts for people are left out. The share says from how
much of the area's code changes were drawn.

| area | share | changes | noticed | score |
| --- | --- | --- | --- | --- |
${rows.join('\n')}

Changes that no test noticed follow. Some of them change nothing that can be observed.

${lists.join('\n\n')}
`
}
