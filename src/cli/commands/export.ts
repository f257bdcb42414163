import type { Command } from 'commander'
import { note } from '../output/print.ts'
import { Progress } from '../output/progress.ts'
import { shutdownSignal } from '../runtime/shutdown-signal.ts'
import type { StoreFlags } from '../runtime/with-store.ts'
import { withOpenedStore, withStore } from '../runtime/with-store.ts'

const HELP = `
An event is a line of JSON, all but its position, which every store gives in its own way; the same log gives the same
bytes. Where the file has the beginning of the log, what is missing is added: a run that was ended is taken up, and a
file is brought up to date. SQLite's file is one process's at a time: end the engine first.

Examples:
  hark export backup.jsonl
  hark export backup.jsonl --store 'esdb://127.0.0.1:2113?tls=false'`

export const addExport = (program: Command): void => {
  const command = program
    .command('export')
    .summary('write the log of events to a file')
    .description('Writes the log of events to a file, an event a line, oldest first.')
    .argument('<file>', 'the file, such as backup.jsonl; made where it is not there')
    .addHelpText('after', HELP)
    .action(exportTo)
  withStore(command)
}

const exportTo = (file: string, flags: StoreFlags): Promise<void> =>
  withOpenedStore(flags, { mustExist: true, access: 'read' }, async store => {
    const { exportLog } = await import('../../ops/transfer/export-log.ts')
    const [signal, progress] = [shutdownSignal(), new Progress('exporting')]
    const onProgress = (done: number, total: number, events: number): void =>
      progress.show(done, total, { number: events, of: 'events' })
    const events = await exportLog(store, file, { signal, onProgress }).finally(() => progress.end())
    note(
      signal.aborted
        ? `Ended after ${events} events: the same command goes on from there.`
        : `${events} events are in ${file}.`,
    )
  })
