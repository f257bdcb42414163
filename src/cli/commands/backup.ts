import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { CliError, Interrupted } from '../errors.ts'
import { note } from '../output/print.ts'
import { Progress } from '../output/progress.ts'
import { sizeText } from '../output/text.ts'
import { shutdownSignal } from '../runtime/shutdown-signal.ts'
import { type StoreFlags, settingsOf, withStore } from '../runtime/with-store.ts'

const HELP = `
The copy is the log as of the moment when the command begins. The engine may run; commands go on meanwhile. To restore it,
stop the engine and put the copy in place of events.db: see docs/operations.md. The copy is a store like any other:
"hark verify --store sqlite:FILE" checks it. Back up an EventStoreDB by its own means, or with "hark export".

Examples:
  hark backup /backup/hark-2026-04-14.db
  hark backup /backup/hark-2026-04-14.db --data /var/lib/hark`

export const addBackup = (program: Command): void => {
  const command = program
    .command('backup')
    .summary('copy a SQLite log while the engine runs')
    .description('Copies the event log of a SQLite store to a file, while the engine may run.')
    .argument('<file>', 'the copy, which must not exist')
    .addHelpText('after', HELP)
    .action(backup)
  withStore(command)
}

const SQLITE_FULL = 13

const isFull = (error: Error): boolean => (error as { readonly errcode?: number }).errcode === SQLITE_FULL

const backup = async (copy: string, flags: StoreFlags): Promise<void> => {
  const { store } = await settingsOf(flags)
  if (store.kind !== 'sqlite')
    throw new CliError('an EventStoreDB is backed up by its own means: see its documentation, or use hark export')
  if (!existsSync(store.file)) throw new CliError(`there is no event log ${store.file}: use --data or --store`)
  const [{ backupLog }, { formatPosition }] = await Promise.all([
    import('../../open-store.ts'),
    import('../../../schemas/events/recorded-event.ts'),
  ])
  const [signal, progress] = [shutdownSignal(), new Progress('copying')]
  const onProgress = (done: number, total: number): void => progress.show(done, total)
  const { position, bytes } = await backupLog(store.file, resolve(copy), { signal, onProgress })
    .catch((error: Error) => {
      throw signal.aborted
        ? new Interrupted('interrupted: there is no copy')
        : new CliError(isFull(error) ? `${copy} cannot be written: the disk is full` : error.message, undefined, error)
    })
    .finally(() => progress.end())
  note(`The log up to position ${formatPosition(position)} is in ${copy} (${sizeText(bytes)}).`)
}
