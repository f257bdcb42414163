import type { DatabaseSync } from 'node:sqlite'
import type { Position } from '../../../../schemas/events/position.ts'

/** States at this position and later are known. */
export interface KeptHistory {
  readonly position: Position
  /** Milliseconds since 1970, after the event at the position. */
  readonly time: number
}

export const KEPT_HISTORY_SCHEMA = `
  CREATE TABLE kept_history (
    position INTEGER NOT NULL,
    time INTEGER NOT NULL
  ) STRICT;
`

const hasTable = (database: DatabaseSync): boolean =>
  database.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'kept_history'`).get() !== undefined

export const readKeptHistory = (database: DatabaseSync): KeptHistory | undefined =>
  hasTable(database)
    ? (database.prepare('SELECT position, time FROM kept_history').get() as unknown as KeptHistory)
    : undefined

export const writeKeptHistory = (database: DatabaseSync, { position, time }: KeptHistory): void => {
  if (!hasTable(database)) database.exec(KEPT_HISTORY_SCHEMA)
  database.exec('DELETE FROM kept_history')
  database.prepare('INSERT INTO kept_history VALUES (?, ?)').run(position, time)
}

export const removeKeptHistory = (database: DatabaseSync): void => {
  database.exec('DROP TABLE IF EXISTS kept_history')
}
