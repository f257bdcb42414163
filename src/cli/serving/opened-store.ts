import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import type { Settings } from '../../config.ts'
import type { EventStore } from '../../store/event-store.ts'
import { Failure } from '../failure.ts'
import { settingsFrom } from './start.ts'

export interface StoreFlags {
  readonly data?: string
  readonly store?: string
}

/** Adds `--data` and `--store`, which mean what they mean to `serve`. */
export const withStore = (command: Command): Command =>
  command
    .option('--data <folder>', 'where Hark keeps its files (default: ./data)')
    .option('--store <store>', 'where events live: sqlite:PATH or esdb://… (default: SQLite in the data folder)')

/** Opens the store that flags, variables and hark.yaml name, for as long as `work` takes. */
export const withOpenedStore = async <T>(
  flags: StoreFlags,
  { mustExist, lock }: { readonly mustExist: boolean; readonly lock?: 'shared' },
  work: (store: EventStore, settings: Settings) => Promise<T>,
): Promise<T> => {
  const { data, store: named } = flags
  const settings = await settingsFrom({ ...(data && { data }), ...(named && { store: named }) }, process.env)
  if (mustExist && settings.store.kind === 'sqlite' && !existsSync(settings.store.file)) {
    throw new Failure(`there is no event log ${settings.store.file}: name another with --data or --store`)
  }
  const { openStore } = await import('../../open-store.ts')
  const { pino } = await import('pino')
  const store = await openStore(settings.store, pino({ level: 'silent' }), lock).catch(error => {
    throw new Failure((error as Error).message)
  })
  try {
    return await work(store, settings)
  } finally {
    await store.close()
  }
}
