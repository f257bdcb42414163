import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { basename } from 'node:path'
import type { Command } from 'commander'
import { CliError } from '../errors.ts'
import { note } from '../output/print.ts'
import { Progress } from '../output/progress.ts'
import { shutdownSignal } from '../runtime/shutdown-signal.ts'
import { type StoreFlags, withOpenedStore, withStore } from '../runtime/with-store.ts'

const HELP = `
The store is to be empty, or to have the beginning of the same log: a run that was ended is taken up where it was. Every
event keeps its id, its time, its stream and its place there; positions are the store's own. This is the way from
SQLite to EventStoreDB and back. That it was done, and by whom, is recorded in the store.

Examples:
  hark import backup.jsonl
  hark import backup.jsonl --store 'esdb://127.0.0.1:2113?tls=false'`

export const addImport = (program: Command): void => {
  const command = program
    .command('import')
    .summary('read a log of events from a file')
    .description('Reads a log of events, as hark export writes it, into a store.')
    .argument('<file>', 'the file, such as backup.jsonl')
    .addHelpText('after', HELP)
    .action(importFrom)
  withStore(command)
}

const importFrom = async (file: string, flags: StoreFlags): Promise<void> => {
  if (!existsSync(file)) throw new CliError(`there is no file ${file}`)
  await withOpenedStore(flags, { mustExist: false }, async store => {
    const { importLog } = await import('../../ops/transfer/import-log.ts')
    const { recordImport } = await import('../../integrity/hash-chain/record-import.ts')
    const [signal, progress] = [shutdownSignal(), new Progress('importing')]
    const onProgress = (done: number, total: number, events: number): void =>
      progress.show(done, total, { number: events, of: 'events' })
    const { events, added } = await importLog(file, store, { signal, onProgress }).finally(() => progress.end())
    if (added > 0)
      await recordImport(store, { file: basename(file), events: added, total: events }, userInfo().username)
    note(
      signal.aborted
        ? `Ended after ${events} events: the same command goes on from there.`
        : `${events} events are in the store.`,
    )
  })
}
