import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Draft } from '../../../projections/kit/draft.ts'
import { applyChanges, emptyTables } from '../../../projections/kit/projection.ts'
import fc from '../../support/fast-check.ts'

interface Row {
  readonly colour: string
}

const PROJECTION = { tables: { rows: { indexes: { colour: (row: Row) => row.colour } } } }
/** More than a draft looks through one by one. */
const key = fc.integer({ min: 0, max: 19 }).map(String)
const colour = fc.constantFrom('red', 'green')
const step = fc.oneof(fc.record({ put: key, colour }), fc.record({ remove: key }))
const steps = fc.array(step, { maxLength: 60, size: 'max' })

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

const tablesWith = (rows: ReadonlyMap<string, Row>) => {
  const tables = emptyTables<{ rows: Row }>(PROJECTION as never)
  for (const [key, row] of rows) tables.rows.set(key, row)
  return tables
}

const drafted = (rows: ReadonlyMap<string, Row>, steps: readonly Step[]) => {
  const tables = tablesWith(rows)
  const draft = new Draft<{ rows: Row }>(PROJECTION, tables)
  const now = new Map(rows)
  for (const step of steps) {
    if ('remove' in step) {
      draft.remove('rows', step.remove)
      now.delete(step.remove)
    } else {
      draft.put('rows', step.put, { colour: step.colour })
      now.set(step.put, { colour: step.colour })
    }
  }
  return { tables, draft, now }
}

describe('Draft', () => {
  it('reads its own changes, and returns one change for each row', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(key, fc.record({ colour })), { selector: ([key]) => key }),
        steps,
        (before, steps) => {
          const rows = new Map<string, Row>(before)
          const { tables, draft, now } = drafted(rows, steps)
          for (let each = 0; each < 20; each += 1) assert.deepEqual(draft.get('rows', `${each}`), now.get(`${each}`))
          for (const colour of ['red', 'green']) {
            const filed = [...now].filter(([, row]) => row.colour === colour).map(([key]) => key)
            assert.deepEqual([...draft.keysWhere('rows', 'colour', colour)].sort(), filed.sort())
            assert.equal(draft.hasAny('rows', 'colour', colour), filed.length > 0)
          }
          const { changes } = draft
          assert.equal(new Set(changes.map(({ key }) => key)).size, changes.length)
          for (const { kind, key, before, after } of changes) {
            assert.deepEqual([before, after], [rows.get(key), now.get(key)])
            assert.equal(kind, !rows.has(key) ? 'added' : now.has(key) ? 'changed' : 'removed')
          }
          applyChanges(PROJECTION, tables, changes)
          assert.deepEqual(new Map(tables.rows.sortedKeys().map(key => [key, tables.rows.get(key)])), now)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('returns no change for the removal of a missing row', () => {
    assert.deepEqual(drafted(new Map(), [{ remove: '1' }]).draft.changes, [])
  })

  it('returns no change for a row that was added and removed', () => {
    const { changes } = drafted(new Map(), [
      { put: '1', colour: 'red' },
      { put: '2', colour: 'red' },
      { remove: '1' },
    ]).draft
    assert.deepEqual(changes, [{ kind: 'added', table: 'rows', key: '2', before: undefined, after: { colour: 'red' } }])
  })
})
