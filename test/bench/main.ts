import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ROOT } from '../support/tree.ts'
import { auditedCommands, verifyFigures } from './audit.ts'
import { auditReport } from './audit-report.ts'
import { commandLine } from './command-line.ts'
import { consoleFigures } from './console/figures.ts'
import { againstEmmett } from './emmett/figures.ts'
import { eventStoreDbCommands } from './eventstoredb/commands.ts'
import { eventStoreDbImport } from './eventstoredb/import.ts'
import { type Figure, isMet, tableOf } from './figure.ts'
import { changeLatency, httpMutations } from './http.ts'
import { withFigures } from './markdown-table.ts'
import { memory } from './memory.ts'
import { past } from './past.ts'
import { rebuildAndStart } from './rebuild.ts'
import { router } from './router.ts'
import { backup } from './scale/backup.ts'
import { longLog } from './scale/long-log.ts'
import { manyListeners } from './scale/many-listeners.ts'
import { runningRebuild } from './scale/running-rebuild.ts'
import { scrape } from './scale/scrape.ts'
import { sqliteCommands, sqliteManyCallers, sqliteOneCaller } from './sqlite-commands.ts'
import { subscribers } from './subscribers.ts'

const RESULTS = 'bench-results.json'
const PAGE = 'docs/benchmarks.md'

const SCENARIOS: readonly (readonly [string, () => Promise<Figure[]>])[] = [
  ['commands', sqliteCommands],
  ['many-callers', sqliteManyCallers],
  ['one-caller', sqliteOneCaller],
  ['emmett', againstEmmett],
  ['http', httpMutations],
  ['latency', changeLatency],
  ['rebuild', rebuildAndStart],
  ['long-log', longLog],
  ['many-listeners', manyListeners],
  ['backup', backup],
  ['running-rebuild', runningRebuild],
  ['scrape', scrape],
  ['eventstoredb', eventStoreDbCommands],
  ['eventstoredb-import', eventStoreDbImport],
  ['memory', memory],
  ['router', router],
  ['past', past],
  ['subscribers', subscribers],
  ['console', consoleFigures],
  ['cli', commandLine],
  ['audited', auditedCommands],
  ['verify', verifyFigures],
  ['audit-report', auditReport],
]

const HELP = `npm run bench [-- [--write] SCENARIO …]

Measures every scenario, or those named, and prints each figure beside its bar. Figures also go to ${RESULTS}.

  --write   write the figures into the table of ${PAGE}

Scenarios: ${SCENARIOS.map(([name]) => name).join(', ')}
`

const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { write: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  })
  const unknown = positionals.filter(name => !SCENARIOS.some(([scenario]) => scenario === name))
  if (values.help || unknown.length > 0) {
    process.stderr.write(HELP)
    process.exitCode = unknown.length > 0 ? 2 : 0
    return
  }
  const figures: Figure[] = []
  for (const [name, scenario] of SCENARIOS) {
    if (positionals.length > 0 && !positionals.includes(name)) continue
    process.stderr.write(`${name} …\n`)
    figures.push(...(await scenario()))
  }
  process.stdout.write(`${tableOf(figures)}\n`)
  await writeFile(
    RESULTS,
    `${JSON.stringify({ node: process.version, figures: figures.map(figure => ({ ...figure, met: isMet(figure) })) }, null, 2)}\n`,
  )
  if (!values.write) return
  const page = join(ROOT, PAGE)
  await writeFile(page, withFigures(await readFile(page, 'utf8'), figures))
}

await main()
