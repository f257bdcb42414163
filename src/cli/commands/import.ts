import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { basename } from 'node:path'
import type { Command } from 'commander'
import { CliError, Interrupted } from '../errors.ts'
import { note } from '../output/print.ts'
import { withProgress } from '../runtime/with-progress.ts'
import { type StoreFlags, withOpenedStore, withStore } from '../runtime/with-store.ts'

const HELP = `
The store must be empty, or hold the beginning of the same log, so an interrupted import can be resumed. Events keep their
id, time, stream and revision; positions depend on the store. Use it to move from SQLite to EventStoreDB and back. The
import and its user are recorded in the store.

Examples:
  hark import backup.jsonl
  hark import backup.jsonl --store 'esdb://127.0.0.1:2113?tls=false'`

export const addImport = (program: Command): void => {
  const command = program
    .command('import')
    .summary('read an event log from a file')
    .description('Reads an event log, as hark export writes it, into a store.')
    .argument('<file>', 'the file, such as backup.jsonl')
    .addHelpText('after', HELP)
    .action(importFrom)
  withStore(command)
}

const importFrom = async (file: string, flags: StoreFlags): Promise<void> => {
  if (!existsSync(file)) throw new CliError(`${file} does not exist`)
  await withOpenedStore(flags, { mustExist: false }, async store => {
    const { importLog } = await import('../../ops/transfer/import-log.ts')
    const { recordImport } = await import('../../integrity/hash-chain/record-import.ts')
    const { events, added, isWhole } = await withProgress('importing', async ({ signal, onProgress }) => {
      const imported = await importLog(file, store, { signal, onProgress })
      return { ...imported, isWhole: !signal.aborted }
    })
    if (added > 0)
      await recordImport(store, { file: basename(file), events: added, total: events }, userInfo().username)
    if (!isWhole) throw new Interrupted(`interrupted after ${events} events: repeat the command to continue`)
    note(`${events} events are in the store.`)
  })
}
