import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { clientOf } from '../client/client.ts'
import { RebuildReadModelsDocument } from '../client/generated.ts'
import { CliError, Interrupted, usageError } from '../errors.ts'
import { type ServerOption, withServer } from '../options.ts'
import { note, printFindings } from '../output/print.ts'
import { Progress } from '../output/progress.ts'
import { shutdownSignal } from '../runtime/shutdown-signal.ts'
import { withProgress } from '../runtime/with-progress.ts'
import { type StoreFlags, settingsOf, withOpenedStore, withStore } from '../runtime/with-store.ts'

const HELP = `
They are built in a new file, which replaces the old one when it is complete; if interrupted, the old one stays. With
--verify the old read models are compared with the log, row by row, with their history.

A running engine does it while it answers: name it with --server or --context. Without them, the read models in the data
folder are rebuilt; if a running engine has those, or there are none, the engine at HARK_SERVER, or of the current context,
rebuilds its own (default: http://127.0.0.1:4000). An engine needs the role admin in all namespaces.

Examples:
  hark rebuild
  hark rebuild --verify --server http://127.0.0.1:4000
  hark rebuild --verify --data /var/lib/hark`

interface Flags extends StoreFlags, ServerOption {
  readonly verify?: true
}

interface Rebuilt {
  readonly position: string
  readonly differences: readonly { readonly place: string; readonly fault: string }[]
  readonly differenceCount: number
}

export const addRebuild = (program: Command): void => {
  const command = program
    .command('rebuild')
    .summary('rebuild the read models')
    .description('Rebuilds every read model from the event log.')
    .option('--verify', 'compare the old read models with the log, row by row')
    .addHelpText('after', HELP)
    .action(rebuildAll)
  withServer(withStore(command))
}

const MOST_SHOWN = 20

const rebuildAll = async (flags: Flags, command: Command): Promise<void> => {
  const namesEngine = ['server', 'context'].some(option => command.getOptionValueSource(option) === 'cli')
  const hasServer = command.getOptionValueSource('server') !== 'default'
  const namesFiles = flags.data !== undefined || flags.store !== undefined
  if (namesEngine && namesFiles)
    throw usageError('use --server or --context for a running engine, --data and --store for a stopped one')
  const isOfEngine = namesEngine || (!namesFiles && hasServer && !(await hasLog(flags)))
  const ofFiles = isOfEngine ? undefined : await rebuildFiles(flags, namesFiles)
  const { position, differences, differenceCount } = ofFiles ?? (await rebuildInEngine(flags))
  printFindings(differences, MOST_SHOWN)
  if (differenceCount > 0) note(`${differenceCount} rows differed.`)
  else if (flags.verify) note('No row differed.')
  note(`The read models are rebuilt up to position ${position}.`)
}

const hasLog = async (flags: Flags): Promise<boolean> => {
  const { store } = await settingsOf(flags)
  return store.kind !== 'sqlite' || existsSync(store.file)
}

/** Returns undefined if a running engine has files that were not named. */
const rebuildFiles = (flags: Flags, areNamed: boolean): Promise<Rebuilt | undefined> =>
  withOpenedStore(flags, { mustExist: true, access: 'read' }, async (store, { data }) => {
    const { rebuild, ReadModelsInUse } = await import('../../ops/verify-and-rebuild.ts')
    const { pino } = await import('pino')
    const options = { compares: flags.verify === true, logger: pino({ level: 'silent' }) }
    const file = join(data, 'read-models.db')
    try {
      const { position, differences = [] } = await withProgress(
        'rebuilding',
        work => rebuild(store, file, { ...options, ...work }),
        'interrupted: the read models are unchanged',
      )
      return { position: String(position), differences, differenceCount: differences.length }
    } catch (error) {
      if (!(error instanceof ReadModelsInUse)) throw error
      if (!areNamed) return undefined
      throw new CliError(`a running engine has ${file}: name it with --server, and it rebuilds them itself`)
    }
  })

const rebuildInEngine = async (flags: Flags): Promise<Rebuilt> => {
  const client = clientOf(flags)
  const request = async (input: {
    readonly after: string | null
    readonly verify?: boolean
    readonly cancel?: true
  }) => {
    const { rebuildReadModels } = await client.request(RebuildReadModelsDocument, { input })
    return rebuildReadModels
  }
  const signal = shutdownSignal()
  let progress = new Progress('rebuilding')
  try {
    let isReplaced = false
    for (let after: string | null = null; ; ) {
      const slice = await request({ after, verify: flags.verify === true })
      const { next, replacedAt, differences, differenceCount } = slice
      if (replacedAt !== null && !isReplaced) {
        isReplaced = true
        progress.end()
        progress = new Progress('comparing')
      }
      progress.show(Number(slice.done), Number(slice.total))
      if (next === null) return { position: String(Number(replacedAt)), differences, differenceCount }
      if (signal.aborted) {
        await request({ after: next, cancel: true })
        throw new Interrupted(interrupted(replacedAt))
      }
      after = next
    }
  } finally {
    progress.end()
  }
}

const interrupted = (replacedAt: string | null): string =>
  replacedAt === null
    ? 'interrupted: the read models are unchanged'
    : `interrupted: the read models are rebuilt up to position ${Number(replacedAt)}; the old ones were not compared`
