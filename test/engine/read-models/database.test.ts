import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { HistoryDatabase } from '../../../src/engine/history/history-database.ts'

describe('ReadModelDatabase.rowsOf', () => {
  it('returns each row of one table of one model once, in order, however many there are', () => {
    const database = new HistoryDatabase(':memory:')
    const model = { name: 'listener-status', version: 1 }
    const keys = ['', 'a', 'a\u0000', 'ab', 'é', ...Array.from({ length: 2995 }, (_, index) => `key-${index}`)]
    database.begin()
    for (const key of keys) database.put(model, 'listeners', key, `{"key":${JSON.stringify(key)}}`)
    database.put(model, 'commandResults', 'key-1', '{}')
    database.put({ ...model, version: 2 }, 'listeners', 'other', '{}')
    database.commit()
    const found = [...database.rowsOf(model, 'listeners')]
    assert.deepEqual(
      found.map(([key]) => key),
      keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
    )
    for (const [key, row] of found) assert.equal(JSON.parse(row).key, key)
    assert.deepEqual([...database.rowsOf(model, 'none')], [])
    database.close()
  })
})
