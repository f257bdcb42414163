import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { Position } from '../../schemas/recorded-event.ts'
import type { ReadModel } from './read-model.ts'

const SCHEMA_VERSION = 1

const SCHEMA = `
  CREATE TABLE models (
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (name, version)
  ) STRICT;
  CREATE TABLE rows (
    model TEXT NOT NULL,
    "table" TEXT NOT NULL,
    key TEXT NOT NULL,
    row TEXT NOT NULL,
    PRIMARY KEY (model, "table", key)
  ) STRICT;
  CREATE TABLE log (first_event_id TEXT NOT NULL) STRICT;
  PRAGMA user_version = ${SCHEMA_VERSION};
`

export interface Checkpoint {
  readonly version: number
  readonly position: Position
}

const modelName = (name: string, version: number): string => `${name}@${version}`
const nameOf = ({ projection }: ReadModel): string => modelName(projection.name, projection.version)

/**
 * The read models as they are written down: rows and position of all of them in one transaction, so that after a crash
 * the log is taken up exactly where the rows stand. It can be deleted whenever Hark is not running: the log tells it all
 * again. For the same reason a commit does not wait for the disk.
 */
export class ReadModelDatabase {
  readonly #database: DatabaseSync
  readonly #put: StatementSync
  readonly #delete: StatementSync
  readonly #get: StatementSync
  readonly #checkpoint: StatementSync

  /** @param file a path, made where it is not there */
  constructor(file: string) {
    this.#database = new DatabaseSync(file)
    try {
      this.#database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
      this.#migrate()
      this.#put = this.#database.prepare(
        'INSERT INTO rows VALUES (?, ?, ?, ?) ON CONFLICT (model, "table", key) DO UPDATE SET row = excluded.row',
      )
      this.#delete = this.#database.prepare('DELETE FROM rows WHERE model = ? AND "table" = ? AND key = ?')
      this.#get = this.#database.prepare('SELECT row FROM rows WHERE model = ? AND "table" = ? AND key = ?')
      this.#checkpoint = this.#database.prepare(
        'INSERT INTO models VALUES (?, ?, ?) ON CONFLICT (name, version) DO UPDATE SET position = excluded.position',
      )
    } catch (error) {
      this.#database.close()
      throw error
    }
  }

  #migrate(): void {
    const version = Number(this.#database.prepare('PRAGMA user_version').get()?.user_version)
    if (version === SCHEMA_VERSION) return
    this.#transaction(() => {
      // Whatever another version of Hark left here can be told again by the log.
      this.#database.exec('DROP TABLE IF EXISTS models; DROP TABLE IF EXISTS rows; DROP TABLE IF EXISTS log')
      this.#database.exec(SCHEMA)
    })
  }

  #transaction(work: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      work()
      this.#database.exec('COMMIT')
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw error
    }
  }

  /** The id of the first event of the log that the rows were made from; undefined where there is none yet. */
  get firstEventId(): string | undefined {
    return this.#database.prepare('SELECT first_event_id AS id FROM log').get()?.id as string | undefined
  }

  /** Forgets all rows: they were made from another log. From now on they are those of the log that begins with this event. */
  startOver(firstEventId: string | undefined): void {
    this.#transaction(() => {
      this.#database.exec('DELETE FROM models; DELETE FROM rows; DELETE FROM log')
      if (firstEventId !== undefined) this.#database.prepare('INSERT INTO log VALUES (?)').run(firstEventId)
    })
  }

  /** The versions of a projection that there are rows of, the newest first. */
  checkpoints(name: string): Checkpoint[] {
    return this.#database
      .prepare('SELECT version, position FROM models WHERE name = ? ORDER BY version DESC')
      .all(name) as unknown as Checkpoint[]
  }

  /** Fills an empty read model with the rows of a version, as far as they are kept in memory. */
  load(model: ReadModel, { version, position }: Checkpoint): void {
    const rows = this.#database.prepare('SELECT "table", key, row FROM rows WHERE model = ?')
    rows.setReturnArrays(true)
    for (const [table, key, row] of rows.iterate(modelName(model.projection.name, version)) as unknown as Iterable<
      [string, string, string]
    >) {
      const definition = model.projection.tables[table]
      if (definition !== undefined && !definition.onDiskOnly) model.load(table, key, JSON.parse(row))
    }
    model.advance(position)
  }

  /** One row, be it written down or not. */
  row(model: ReadModel, table: string, key: string): unknown {
    const unwritten = model.unwritten.get(table)
    if (unwritten?.has(key)) return unwritten.get(key)
    const found = this.#get.get(nameOf(model), table, key)
    return found === undefined ? undefined : JSON.parse(String(found.row))
  }

  /** Writes down what changed in these read models, all as one. Where it throws, nothing was written. */
  write(models: readonly ReadModel[]): void {
    this.#transaction(() => {
      for (const model of models) {
        const name = nameOf(model)
        for (const [table, rows] of model.unwritten) {
          for (const [key, row] of rows) {
            if (row === undefined) this.#delete.run(name, table, key)
            else this.#put.run(name, table, key, JSON.stringify(row))
          }
        }
        this.#checkpoint.run(model.projection.name, model.projection.version, model.position)
      }
    })
    for (const model of models) model.markWritten()
  }

  /** Removes every version of a projection but this one. */
  removeOthers(name: string, version: number): void {
    this.#transaction(() => {
      for (const other of this.checkpoints(name)) {
        if (other.version === version) continue
        this.#database.prepare('DELETE FROM rows WHERE model = ?').run(modelName(name, other.version))
        this.#database.prepare('DELETE FROM models WHERE name = ? AND version = ?').run(name, other.version)
      }
    })
  }

  close(): void {
    this.#database.close()
  }
}
