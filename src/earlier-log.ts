import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { READ_MODEL_PREFIXES } from '../schemas/events/streams.ts'
import { CHECKPOINTS_FILE } from './integrity/checkpoints/checkpointer.ts'
import { openSnapshot } from './lib/sqlite/file.ts'

export const READ_MODELS_FILE = 'read-models.db'

const OF_READ_MODELS = 'SELECT max(position) AS known FROM models WHERE EXISTS (SELECT 1 FROM last_events)'
/** A log with only a signing key counts as new. */
const OF_MODELS_STREAM = READ_MODEL_PREFIXES.map(prefix => `stream GLOB '${prefix}*'`).join(' OR ')
const OF_CHECKPOINTS = `SELECT max(events) AS known FROM checkpoint WHERE EXISTS (SELECT 1 FROM heads WHERE ${OF_MODELS_STREAM})`

const SOURCES = [
  [READ_MODELS_FILE, OF_READ_MODELS, 'was made from events up to position'],
  [CHECKPOINTS_FILE, OF_CHECKPOINTS, 'has a checkpoint of this many events:'],
] as const

/** Undefined if the file is unreadable or without events. */
const known = (file: string, query: string): number | undefined => {
  if (!existsSync(file)) return undefined
  try {
    const database = openSnapshot(file)
    try {
      const row = database.prepare(query).get() as { known: number | null } | undefined
      return row?.known || undefined
    } finally {
      database.close()
    }
  } catch {
    return undefined
  }
}

/** Undefined if no file beside the log records an event. */
export const knownEvents = (data: string): string | undefined => {
  const claims = SOURCES.flatMap(([name, query, claim]) => {
    const count = known(join(data, name), query)
    return count === undefined ? [] : [`${name} ${claim} ${count}`]
  })
  return claims.length === 0 ? undefined : claims.join(' and ')
}

/** An earlier log's checkpoints prevent signing a new log. */
export const setAside = async (data: string): Promise<void> => {
  const file = join(data, CHECKPOINTS_FILE)
  if (!existsSync(file)) return
  await rename(file, `${file}.of-earlier-log`)
  for (const part of ['-wal', '-shm']) await rm(`${file}${part}`, { force: true })
}
