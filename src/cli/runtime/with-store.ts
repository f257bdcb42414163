import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import type { Settings } from '../../config/load.ts'
import type { EventStore } from '../../event-store/event-store.ts'
import { CliError, EXIT } from '../errors.ts'
import { io } from '../io.ts'
import { settingsFrom } from './start.ts'
import { type Work, withProgress } from './with-progress.ts'

export interface StoreFlags {
  readonly data?: string
  readonly store?: string
}

export const withStore = (command: Command): Command =>
  command
    .option('--data <folder>', 'the data folder (default: ./data)')
    .option('--store <store>', 'the event store: sqlite:PATH or esdb://… (default: SQLite in the data folder)')

interface OpenOptions {
  readonly mustExist: boolean
  readonly access?: 'read'
  readonly statuses?: { readonly absent: number; readonly locked: number }
}

export const settingsOf = ({ data, store }: StoreFlags): Promise<Settings> =>
  settingsFrom({ ...(data && { data }), ...(store && { store }) }, io().env)

export const isExported = (store: string | undefined): boolean => store?.endsWith('.jsonl') ?? false

export const settingsToRead = ({ data, store }: StoreFlags): Promise<Settings> =>
  settingsOf({ ...(data && { data }), ...(store && !isExported(store) && { store }) })

export const withOpenedStore = async <T>(
  flags: StoreFlags,
  { mustExist, access, statuses = { absent: EXIT.failed, locked: EXIT.failed } }: OpenOptions,
  work: (store: EventStore, settings: Settings) => Promise<T>,
): Promise<T> => {
  const { store: named } = flags
  if (access === 'read' && named !== undefined && isExported(named)) return withExported(named, flags, statuses, work)
  const settings = await settingsOf(flags)
  const file = settings.store.kind === 'sqlite' ? settings.store.file : undefined
  if (mustExist && file !== undefined && !existsSync(file)) {
    throw new CliError(`there is no event log ${file}: use --data or --store`, statuses.absent)
  }
  const { openStore } = await import('../../open-store.ts')
  const { StoreInUse } = await import('../../event-store/event-store.ts')
  const { pino } = await import('pino')
  const store = await openStore(settings.store, pino({ level: 'silent' }), access).catch(error => {
    throw new CliError((error as Error).message, error instanceof StoreInUse ? statuses.locked : EXIT.failed)
  })
  try {
    return await work(store, settings)
  } finally {
    await store.close()
  }
}

const withExported = async <T>(
  file: string,
  flags: StoreFlags,
  { absent }: { readonly absent: number },
  work: (store: EventStore, settings: Settings) => Promise<T>,
): Promise<T> => {
  const settings = await settingsToRead(flags)
  if (!existsSync(file)) throw new CliError(`there is no exported log ${file}`, absent)
  const { openExported } = await import('../../ops/open-exported.ts')
  const { pino } = await import('pino')
  const logger = pino({ level: 'silent' })
  const read = (options: Work) =>
    openExported(file, { ...options, logger }).catch(error => {
      throw new CliError(`${file} cannot be read: ${(error as Error).message}`, undefined, error)
    })
  const store = await withProgress('reading the log', read, 'interrupted before the log was read')
  try {
    return await work(store, settings)
  } finally {
    await store.close()
  }
}
