import { join } from 'node:path'
import type { Command } from 'commander'
import { note, printFindings } from '../output/print.ts'
import { withProgress } from '../runtime/with-progress.ts'
import { type StoreFlags, withOpenedStore, withStore } from '../runtime/with-store.ts'

const HELP = `
They are built in a new file, which replaces the old one when it is complete; if interrupted, the old one stays. Stop the
engine first. With --verify the old read models are compared with the new ones, row by row.

Examples:
  hark rebuild
  hark rebuild --verify --data /var/lib/hark`

interface Flags extends StoreFlags {
  readonly verify?: true
}

export const addRebuild = (program: Command): void => {
  const command = program
    .command('rebuild')
    .summary('rebuild the read models')
    .description('Rebuilds every read model from the event log.')
    .option('--verify', 'compare the old read models with the new ones, row by row')
    .addHelpText('after', HELP)
    .action(rebuildAll)
  withStore(command)
}

const MOST_SHOWN = 20

const rebuildAll = (flags: Flags): Promise<void> =>
  withOpenedStore(flags, { mustExist: true, access: 'read' }, async (store, { data }) => {
    const { rebuild } = await import('../../ops/verify-and-rebuild.ts')
    const { pino } = await import('pino')
    const options = { compares: flags.verify === true, logger: pino({ level: 'silent' }) }
    const { position, differences } = await withProgress(
      'rebuilding',
      work => rebuild(store, join(data, 'read-models.db'), { ...options, ...work }),
      'interrupted: the read models are unchanged',
    )
    printFindings(differences ?? [], MOST_SHOWN)
    if (differences !== undefined)
      note(differences.length === 0 ? 'No row differed.' : `${differences.length} rows differed.`)
    note(`The read models are rebuilt up to position ${position}.`)
  })
