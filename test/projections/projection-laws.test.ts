import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { applyChanges, emptyTables } from '../../projections/kit/projection.ts'
import type { HarkEvent } from '../../schemas/events/events.ts'
import fc from '../support/fast-check.ts'
import { anyLog } from '../support/projections/arbitrary-log.ts'
import { EVERY_PROJECTION } from '../support/projections/every-projection.ts'
import { bytesOf, loaded, projectInto, type WrittenRows } from '../support/projections/rows.ts'

/** Cuts a log in pieces of these lengths, over and over. */
const inBatches = (log: readonly HarkEvent[], lengths: readonly number[]): HarkEvent[][] => {
  const batches: HarkEvent[][] = []
  for (let at = 0; at < log.length; ) {
    const length = lengths[batches.length % lengths.length] as number
    batches.push(log.slice(at, at + length))
    at += length
  }
  return batches
}

const deepFreeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const inner of Object.values(value)) deepFreeze(inner)
  }
  return value
}

for (const projection of EVERY_PROJECTION) {
  const rowsOf = (log: readonly HarkEvent[]): string => {
    const written: WrittenRows = new Map()
    projectInto(projection, emptyTables(projection), written, log)
    return bytesOf(written)
  }

  describe(`the projection ${projection.name}`, () => {
    it('returns equal rows for equal logs, byte for byte', () => {
      fc.assert(fc.property(anyLog, log => assert.equal(rowsOf(structuredClone(log)), rowsOf(log))))
    })

    it('returns the same rows when resumed from saved rows at any point', () => {
      const lengths = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 5 })
      fc.assert(
        fc.property(anyLog, lengths, (log, lengths) => {
          const written: WrittenRows = new Map()
          for (const batch of inBatches(log, lengths))
            projectInto(projection, loaded(projection, written), written, batch)
          assert.equal(bytesOf(written), rowsOf(log))
        }),
      )
    })

    it('mutates neither events nor earlier rows', () => {
      fc.assert(
        fc.property(anyLog, log => {
          const tables = emptyTables(projection)
          for (const event of deepFreeze(log))
            applyChanges(projection, tables, deepFreeze(projection.project(tables, event)))
        }),
      )
    })

    it('returns the row before each change', () => {
      fc.assert(
        fc.property(anyLog, log => {
          const tables = emptyTables(projection)
          for (const event of log) {
            const changes = projection.project(tables, event)
            for (const { table, key, kind, before, after } of changes) {
              assert.ok(before !== undefined || after !== undefined, `${table} ${key} was not there, and is not`)
              assert.deepEqual([before === undefined, after === undefined], [kind === 'added', kind === 'removed'])
              if (!projection.tables[table]?.onDiskOnly) assert.equal(before, tables[table]?.get(key))
            }
            const places = changes.map(({ table, key }) => `${table} ${key}`)
            assert.equal(new Set(places).size, places.length, 'each row once')
            applyChanges(projection, tables, changes)
          }
        }),
      )
    })
  })
}
