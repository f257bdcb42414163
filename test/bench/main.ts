import { writeFile } from 'node:fs/promises'
import { auditedCommands, verifyFigures } from './audit.ts'
import { auditReport } from './audit-report.ts'
import { eventStoreDbCommands } from './eventstoredb-commands.ts'
import { type Figure, isMet, tableOf } from './figure.ts'
import { changeLatency, httpMutations } from './http.ts'
import { memory } from './memory.ts'
import { past } from './past.ts'
import { rebuildAndStart } from './rebuild.ts'
import { router } from './router.ts'
import { sqliteCommands, sqliteOneCaller } from './sqlite-commands.ts'

const RESULTS = 'bench-results.json'

const SCENARIOS: readonly (readonly [string, () => Promise<Figure[]>])[] = [
  ['commands', sqliteCommands],
  ['one-caller', sqliteOneCaller],
  ['http', httpMutations],
  ['latency', changeLatency],
  ['rebuild', rebuildAndStart],
  ['eventstoredb', eventStoreDbCommands],
  ['memory', memory],
  ['router', router],
  ['past', past],
  ['audited', auditedCommands],
  ['verify', verifyFigures],
  ['audit-report', auditReport],
]

/** `npm run bench [-- SCENARIO …]`: each figure beside its limit, as a table and in bench-results.json. */
const main = async (): Promise<void> => {
  const wanted = process.argv.slice(2)
  const figures: Figure[] = []
  for (const [name, scenario] of SCENARIOS) {
    if (wanted.length > 0 && !wanted.includes(name)) continue
    process.stderr.write(`${name} …\n`)
    figures.push(...(await scenario()))
  }
  process.stdout.write(`${tableOf(figures)}\n`)
  await writeFile(
    RESULTS,
    `${JSON.stringify({ node: process.version, figures: figures.map(figure => ({ ...figure, met: isMet(figure) })) }, null, 2)}\n`,
  )
}

await main()
