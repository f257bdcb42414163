import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { abortable } from '../../lib/abortable.ts'
import { CliError, usageError } from '../errors.ts'
import { type ServerOption, withServer } from '../options.ts'
import { Progress } from '../output/progress.ts'
import { shutdownSignal } from '../runtime/shutdown-signal.ts'
import { Client, clientOf, type Transport } from './client.ts'

export interface SourceOptions extends ServerOption {
  readonly store?: string
}

export const withSource = (command: Command): Command =>
  withServer(command).option(
    '--store <store>',
    'read a store or an exported log instead of querying an engine: sqlite:PATH, esdb://… or the path of a .jsonl file',
  )

const sourceOf = async (text: string) => {
  if (text.endsWith('.jsonl')) {
    if (!existsSync(text)) throw new CliError(`${text} does not exist`)
    return { kind: 'exported', file: text } as const
  }
  const { settingsFrom } = await import('../runtime/start.ts')
  const { store } = await settingsFrom({ store: text }, {})
  if (store.kind === 'sqlite' && !existsSync(store.file)) throw new CliError(`${store.file} does not exist`)
  return store
}

export const withClient = async <T>(options: SourceOptions, work: (client: Client) => Promise<T>): Promise<T> => {
  const { server, store } = options
  if (store === undefined) return work(clientOf(options))
  if (store === '') throw usageError('--store must name a store')
  const source = await sourceOf(store)
  const progress = new Progress('reading the log')
  const { openOffline } = await import('../../ops/offline-engine.ts')
  const { pino } = await import('pino')
  const openOptions = {
    logger: pino({ level: 'silent' }),
    onProgress: (done: number, total: number) => progress.show(done, total),
    signal: shutdownSignal(),
  }
  const offline = await openOffline(source, openOptions)
    .catch(error => {
      throw new CliError(`${store} cannot be read: ${(error as Error).message}`, undefined, error)
    })
    .finally(() => progress.end())
  try {
    const transport: Transport = (request, _, { signal }) => abortable(offline.request(request), signal)
    return await work(new Client(server, undefined, transport))
  } finally {
    await offline.close()
  }
}
