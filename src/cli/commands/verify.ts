import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Command } from 'commander'
import { CliError, EXIT } from '../errors.ts'
import { note, printFindings } from '../output/print.ts'
import { Progress } from '../output/progress.ts'
import { withProgress } from '../runtime/with-progress.ts'
import { isExported, type StoreFlags, settingsToRead, withOpenedStore, withStore } from '../runtime/with-store.ts'

const HELP = `
It checks the order of positions and revisions, the schema of every event, the position of the read models, and that every
row and every version of it follows from the log. It changes nothing. While an engine runs, it checks the log as of its
beginning, and not the read models, which the engine has for itself: stop the engine to check them too. "hark rebuild" repairs read models; only a backup repairs the log. Checkpoints and rejected commands are checked by
"hark audit verify".

Examples:
  hark verify
  hark verify --data /var/lib/hark --store 'esdb://127.0.0.1:2113?tls=false'`

export const addVerify = (program: Command): void => {
  const command = program
    .command('verify')
    .summary('check the log and the read models')
    .description('Checks the event log and the read models, with every version of every row. It changes nothing.')
    .addHelpText('after', HELP)
    .action(verifyAll)
  withStore(command)
}

const MOST_SHOWN = 20

/** Read models lie beside a SQLite store: those of another log would differ. */
const folderOf = async (flags: StoreFlags): Promise<string> => {
  const { data, store } = await settingsToRead(flags)
  const isNamed = flags.store !== undefined && flags.data === undefined
  return isNamed && store.kind === 'sqlite' ? dirname(store.file) : data
}

const verifyAll = async (flags: StoreFlags): Promise<void> => {
  const { verify, openReadModels } = await import('../../ops/verify-and-rebuild.ts')
  const file = join(await folderOf(flags), 'read-models.db')
  const isThere = !isExported(flags.store) && existsSync(file)
  const models = isThere ? openReadModels(file) : undefined
  await withOpenedStore(flags, { mustExist: true, access: 'read' }, async store => {
    const comparing = new Progress('comparing')
    const onCompared = (done: number, total: number): void =>
      comparing.show(done, total, { number: done, of: 'histories' })
    const {
      events,
      rows,
      others = [],
      absent = [],
      findings,
    } = await withProgress(
      'verifying',
      work => verify(store, models, { ...work, onCompared }),
      'interrupted before everything was checked',
    ).finally(() => comparing.end())
    printFindings(findings, MOST_SHOWN)
    note(`${events} events${rows === undefined ? '' : ` and ${rows} rows with their history`} checked.`)
    if (isThere && models === undefined)
      note('The read models were not checked, because a running engine has them: stop it to check them too.')
    for (const name of others) note(`${name} is of another version of Hark and was not compared.`)
    for (const name of absent) note(`${name} does not exist yet: the next start builds it from the log.`)
    const { length } = findings
    if (length > 0) throw new CliError(length === 1 ? '1 fault was found' : `${length} faults were found`, EXIT.failed)
    note('No faults found.')
  }).finally(() => models?.close())
}
