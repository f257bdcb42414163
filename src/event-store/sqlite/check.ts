import type { DatabaseSync } from 'node:sqlite'
import { schemaFaults } from '../../lib/sqlite-schema.ts'
import { StoreCorrupted } from '../event-store.ts'
import { EVENT_SCHEMA } from './event-schema.ts'

/** Returns what is in the database besides the log, or differs from how Hark makes it: a trigger or a view is no row of any table. */
export const checkDatabase = (database: DatabaseSync): StoreCorrupted[] =>
  schemaFaults(database, EVENT_SCHEMA).map(fault => new StoreCorrupted({}, fault))
