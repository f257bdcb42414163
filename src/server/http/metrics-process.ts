import { stat } from 'node:fs/promises'
import { Gauge, type Registry } from 'prom-client'
import about from '../../../package.json' with { type: 'json' }

/** Databases of the data folder; an event store on another machine has none. */
export interface DatabaseFiles {
  readonly store?: string | undefined
  readonly readModels: string
}

const sizeOf = async (file: string): Promise<number> => {
  const stats = await stat(file).catch(() => undefined)
  return stats?.size ?? 0
}

const databaseBytes = async (file: string): Promise<number> => (await sizeOf(file)) + (await sizeOf(`${file}-wal`))

export const registerProcessMetrics = (registry: Registry, files: DatabaseFiles | undefined): void => {
  const registers = [registry]
  new Gauge({
    name: 'hark_build_info',
    help: 'Always 1; the labels are the versions of Hark and Node.js',
    labelNames: ['version', 'node'] as const,
    registers,
  }).set({ version: about.version, node: process.versions.node }, 1)
  const bytes = (name: string, help: string, file: string | undefined): void => {
    if (file === undefined) return
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        this.set(await databaseBytes(file))
      },
    })
  }
  bytes('hark_store_bytes', 'Size of the SQLite event store with its WAL', files?.store)
  bytes('hark_read_models_bytes', 'Size of the database of read models with its WAL', files?.readModels)
}
