import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { READ_MODEL_PREFIXES } from '../schemas/events/streams.ts'
import { CHECKPOINTS_FILE } from './integrity/checkpoints/checkpointer.ts'
import { openReadOnly } from './lib/sqlite-file.ts'

/** In the data folder. */
export const READ_MODELS_FILE = 'read-models.db'

const OF_READ_MODELS = 'SELECT max(position) AS known FROM models WHERE EXISTS (SELECT 1 FROM last_events)'
/** What read models are made from: a log in which a key was introduced and nothing else has happened is a new one. */
const OF_MODELS_STREAM = READ_MODEL_PREFIXES.map(prefix => `stream GLOB '${prefix}*'`).join(' OR ')
const OF_CHECKPOINTS = `SELECT max(events) AS known FROM checkpoint WHERE EXISTS (SELECT 1 FROM heads WHERE ${OF_MODELS_STREAM})`

/** A file that goes with a log, and what tells how many of its events it knows of. */
const WITNESSES = [
  [READ_MODELS_FILE, OF_READ_MODELS, 'was made from events up to position'],
  [CHECKPOINTS_FILE, OF_CHECKPOINTS, 'remembers a checkpoint of so many events:'],
] as const

/** Undefined where the file is not there, knows of none, or cannot be read: then it is no witness. */
const known = (file: string, query: string): number | undefined => {
  if (!existsSync(file)) return undefined
  try {
    const database = openReadOnly(file)
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

/** What the files beside a log know of it, in words; undefined where they know of no event. */
export const knownEvents = (data: string): string | undefined => {
  const words = WITNESSES.flatMap(([name, query, says]) => {
    const count = known(join(data, name), query)
    return count === undefined ? [] : [`${name} ${says} ${count}`]
  })
  return words.length === 0 ? undefined : words.join(' and ')
}

/** Puts what remembers another log's checkpoints out of the way of a new log, which would not be signed otherwise. */
export const setAside = async (data: string): Promise<void> => {
  const file = join(data, CHECKPOINTS_FILE)
  if (!existsSync(file)) return
  await rename(file, `${file}.of-earlier-log`)
  for (const part of ['-wal', '-shm']) await rm(`${file}${part}`, { force: true })
}
