import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { Command } from 'commander'
import { clientOf } from '../client/client.ts'
import { CompactHistoryDocument } from '../client/generated.ts'
import { type DryRunOption, dryRunOption, isDryRun } from '../dry-run.ts'
import { CliError, Interrupted } from '../errors.ts'
import { ageInMs } from '../moment.ts'
import { type ServerOption, withServer } from '../options.ts'
import { note } from '../output/print.ts'
import { Progress } from '../output/progress.ts'
import { sizeText } from '../output/text.ts'
import { shutdownSignal } from '../runtime/shutdown-signal.ts'
import { settingsOf } from '../runtime/with-store.ts'

const HELP = `
The history of states, which is made from the log, grows with every change. This removes what is older than an age from
read-models.db; the log keeps every event. Moments before are then answered with an error that names the moment from which on
states are known. Timeline, why, diff, replay, bisect and audit report still show them with --store, because they then read
the log itself, and "hark rebuild" brings the whole history back.

A running engine does it while it answers; read-models.db keeps its size and uses the space for new history. With --data
the read models of a stopped engine are compacted, and the file shrinks. If it is interrupted, repeat it. It needs the role
admin in all namespaces.

Examples:
  hark compact --older-than 90d --dry-run
  hark compact --older-than 90d
  hark compact --older-than 90d --data /var/lib/hark`

interface Options extends ServerOption, DryRunOption {
  readonly olderThan: number
  readonly data?: string
}

interface Slice {
  readonly keptFrom: string
  readonly versions: number
  readonly bytes: number
  readonly done: number
  readonly total: number
  readonly next: string | null
}

interface SliceRequest {
  readonly before: string
  readonly after: string | null
  readonly dryRun: boolean
}

type CompactSlice = (request: SliceRequest) => Promise<Slice>

export const addCompact = (program: Command): void => {
  const command = program
    .command('compact')
    .summary('remove old history of states, and nothing of the log')
    .description('Removes the history of states that is older than an age from the read models.')
    .requiredOption('--older-than <age>', 'the age, such as 90d, 12w or 36h', ageInMs)
    .addOption(dryRunOption('print what would be removed, and remove nothing'))
    .option('--data <folder>', 'the data folder of a stopped engine, instead of a running engine')
    .addHelpText('after', HELP)
    .action(compact)
  withServer(command)
}

const compact = (options: Options): Promise<void> =>
  options.data === undefined ? compactInEngine(options) : compactFile(options, options.data)

const compactInEngine = async (options: Options): Promise<void> => {
  const client = clientOf(options)
  const removed = await inSlices(options, async input => {
    const { compactHistory } = await client.request(CompactHistoryDocument, { input })
    return compactHistory
  })
  if (removed > 0 && !isDryRun(options.dryRun))
    note('read-models.db keeps its size and uses the space for new history.')
}

const compactFile = async (options: Options, data: string): Promise<void> => {
  const file = join((await settingsOf({ data })).data, 'read-models.db')
  if (!existsSync(file)) throw new CliError(`there is no ${file}: the engine has not run with this folder`)
  const compaction = await openOffline(file)
  try {
    const removed = await inSlices(options, async ({ before, after, dryRun }) => {
      await setImmediate()
      const { kept, next, ...slice } = compaction.compact({
        before: Date.parse(before),
        after: Number(after),
        isDryRun: dryRun,
      })
      return { ...slice, keptFrom: new Date(kept.time).toISOString(), next: next?.toString() ?? null }
    })
    if (removed === 0 || isDryRun(options.dryRun)) return
    const { size } = statSync(file)
    compaction.shrink()
    note(`read-models.db had ${sizeText(size)} and has ${sizeText(statSync(file).size)}.`)
  } finally {
    compaction.close()
  }
}

const openOffline = async (file: string) => {
  const { OfflineCompaction, ReadModelsInUse } = await import('../../ops/offline-compaction.ts')
  try {
    return new OfflineCompaction(file)
  } catch (error) {
    if (!(error instanceof ReadModelsInUse)) throw error
    throw new CliError(`a running engine has ${file}: leave out --data, and it compacts its history itself`)
  }
}

const inSlices = async (options: Options, compactSlice: CompactSlice): Promise<number> => {
  const { olderThan } = options
  const dryRun = isDryRun(options.dryRun)
  const [signal, progress] = [shutdownSignal(), new Progress(dryRun ? 'counting' : 'compacting')]
  const before = new Date(Math.max(0, Date.now() - olderThan)).toISOString()
  let [versions, bytes] = [0, 0]
  let keptFrom = before
  try {
    for (let after: string | null = null; ; ) {
      const slice: Slice = await compactSlice({ before, after, dryRun })
      versions += slice.versions
      bytes += slice.bytes
      keptFrom = slice.keptFrom
      progress.show(slice.done, slice.total)
      if (slice.next === null) break
      if (signal.aborted) throw new Interrupted(interrupted(dryRun, keptFrom))
      after = slice.next
    }
  } finally {
    progress.end()
  }
  note(summary({ versions, bytes, keptFrom, dryRun }))
  return versions
}

const interrupted = (dryRun: boolean, keptFrom: string): string =>
  dryRun
    ? 'interrupted: nothing was removed'
    : `interrupted: states are known from ${keptFrom} on; repeat the command to free the rest of the space`

const summary = (counted: {
  readonly versions: number
  readonly bytes: number
  readonly keptFrom: string
  readonly dryRun: boolean
}): string => {
  const { versions, bytes, keptFrom, dryRun } = counted
  if (versions === 0) return `There is nothing to remove before ${keptFrom}.`
  const what = `${versions} versions of resources (about ${sizeText(bytes)})`
  return dryRun
    ? `${what} would be removed; states would be known from ${keptFrom} on.`
    : `${what} are removed; states are known from ${keptFrom} on.`
}
