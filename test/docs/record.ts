import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { ROOT } from '../support/tree.ts'
import { commandBlocks, commandsOf, withOutputs } from './page.ts'
import { PAGES } from './pages.ts'
import { withSettingsTable } from './settings-table.ts'
import { DocumentationShell } from './shell.ts'
import { terminalPicture } from './terminal-picture.ts'

const PICTURE = 'docs/images/last-night.svg'
const PICTURED = ['npx hark timeline', 'npx hark bisect']
const CONFIGURATION = 'docs/configuration.md'

/** Runs the commands of a page, and returns it with what they print today. */
const record = async (page: string): Promise<string> => {
  await using shell = await DocumentationShell.open()
  const outputs: string[][] = []
  for (const block of commandBlocks(page)) {
    const recorded: string[] = []
    for (const { line } of commandsOf(block)) {
      if (block.keepsRunning) await shell.start(line)
      else recorded.push((await shell.run(line)).output)
    }
    outputs.push(recorded)
  }
  return withOutputs(page, outputs)
}

const pictureOf = (page: string): string => {
  const commands = commandBlocks(page).flatMap(commandsOf)
  const shown = PICTURED.map(start => commands.find(({ line }) => line.startsWith(start))).filter(
    found => found !== undefined,
  )
  const text = shown
    .map(({ line, output }) => `$ ${line.replace('npx ', '').replace(/ --store.*/, '')}\n${output}`)
    .join('\n\n')
  return terminalPicture(
    'hark timeline shows when a listener was not Ready; hark bisect finds the event that caused it',
    text,
  )
}

const HELP = `npm run docs

Runs the commands of ${PAGES.join(', ')} and records what they print, draws ${PICTURE} from it, and writes the table of
settings in ${CONFIGURATION}.
`

const main = async (): Promise<void> => {
  const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } } })
  if (values.help) {
    process.stdout.write(HELP)
    return
  }
  for (const name of PAGES) {
    const path = join(ROOT, name)
    await writeFile(path, await record(await readFile(path, 'utf8')))
  }
  await mkdir(join(ROOT, dirname(PICTURE)), { recursive: true })
  await writeFile(join(ROOT, PICTURE), pictureOf(await readFile(join(ROOT, 'docs/time-travel.md'), 'utf8')))
  const configuration = join(ROOT, CONFIGURATION)
  await writeFile(configuration, withSettingsTable(await readFile(configuration, 'utf8')))
}

await main()
