import type { Command } from 'commander'
import { Interrupted } from '../errors.ts'
import { note } from '../output/print.ts'
import { withProgress } from '../runtime/with-progress.ts'
import type { StoreFlags } from '../runtime/with-store.ts'
import { withOpenedStore, withStore } from '../runtime/with-store.ts'

const HELP = `
Each event is a line of JSON without its position, which depends on the store; the same log gives the same bytes. If the
file holds the beginning of the log, the missing events are appended, so an interrupted export can be resumed. The engine
may run: the file has the log as of the moment when the command begins.

Examples:
  hark export backup.jsonl
  hark export backup.jsonl --store 'esdb://127.0.0.1:2113?tls=false'`

export const addExport = (program: Command): void => {
  const command = program
    .command('export')
    .summary('write the event log to a file')
    .description('Writes the event log to a file, one event a line, oldest first.')
    .argument('<file>', 'the file, such as backup.jsonl; created if it does not exist')
    .addHelpText('after', HELP)
    .action(exportTo)
  withStore(command)
}

const exportTo = (file: string, flags: StoreFlags): Promise<void> =>
  withOpenedStore(flags, { mustExist: true, access: 'read' }, async store => {
    const { exportLog } = await import('../../ops/transfer/export-log.ts')
    const { events, isWhole } = await withProgress('exporting', async ({ signal, onProgress }) => ({
      events: await exportLog(store, file, { signal, onProgress }),
      isWhole: !signal.aborted,
    }))
    if (!isWhole) throw new Interrupted(`interrupted after ${events} events: repeat the command to continue`)
    note(`${events} events are in ${file}.`)
  })
