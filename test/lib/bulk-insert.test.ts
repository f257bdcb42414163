import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { BulkInsert } from '../../src/lib/sqlite/bulk-insert.ts'

describe('BulkInsert', () => {
  for (const count of [0, 1, 15, 16, 17, 40]) {
    it(`inserts ${count} rows, each once and whole`, () => {
      const database = new DatabaseSync(':memory:')
      database.exec('CREATE TABLE pairs (number INTEGER PRIMARY KEY, text TEXT) STRICT')
      const rows = Array.from({ length: count }, (_, number) => [number, `text ${number}`] as const)
      new BulkInsert(database, 'INSERT INTO pairs', 2).run(rows)
      const stored = database.prepare('SELECT number, text FROM pairs ORDER BY number').all()
      assert.deepEqual(
        stored.map(({ number, text }) => [number, text]),
        rows,
      )
      database.close()
    })
  }
})
