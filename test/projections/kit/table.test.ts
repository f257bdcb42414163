import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Table } from '../../../projections/kit/table.ts'
import fc from '../../support/fast-check.ts'
import { liveHeap } from '../../support/live-heap.ts'

interface Row {
  readonly colour?: string
}

const COLOURS = ['red', 'green', 'blue']
const key = fc.constantFrom('a', 'a/b', 'a-b', 'b', 'B', 'ä')
const step = fc.oneof(
  fc.record({ put: key, colour: fc.option(fc.constantFrom(...COLOURS), { nil: undefined }) }),
  fc.record({ remove: key }),
  fc.constant('look' as const),
)

const expectSame = (table: Table<Row>, rows: ReadonlyMap<string, Row>): void => {
  assert.deepEqual(table.sortedKeys(), [...rows.keys()].sort())
  assert.equal(table.size, rows.size)
  for (const [key, row] of rows) assert.equal(table.get(key), row)
  for (const colour of COLOURS) {
    const filed = [...rows].filter(([, row]) => row.colour === colour).map(([key]) => key)
    assert.deepEqual([...table.keysWhere('colour', colour)].sort(), filed.sort())
  }
}

describe('Table', () => {
  it('finds rows by key, in order and by index after any changes', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), steps => {
        const table = new Table<Row>({ indexes: { colour: row => row.colour } })
        const rows = new Map<string, Row>()
        for (const step of steps) {
          if (step === 'look') expectSame(table, rows)
          else if ('remove' in step) {
            table.delete(step.remove)
            rows.delete(step.remove)
          } else {
            const row = step.colour === undefined ? {} : { colour: step.colour }
            table.set(step.put, row)
            rows.set(step.put, row)
          }
        }
        expectSame(table, rows)
      }),
      { numRuns: 500 },
    )
  })

  it('returns the keys with a prefix, in order', () => {
    const table = new Table<Row>()
    for (const key of ['b/2', 'a/1', 'b/1', 'b', 'c/1', 'b0']) table.set(key, {})
    assert.deepEqual(table.keysWithPrefix('b/'), ['b/1', 'b/2'])
    assert.deepEqual(table.keysWithPrefix('d'), [])
  })

  it('does not accumulate memory for removed keys', () => {
    const table = new Table<Row>()
    table.set('a', {})
    table.sortedKeys()
    const heapBefore = liveHeap()
    for (let index = 0; index < 200_000; index += 1) {
      table.set(`key-${index}`, {})
      table.delete(`key-${index}`)
    }
    assert.ok(liveHeap() - heapBefore < 1_000_000)
    assert.deepEqual(table.sortedKeys(), ['a'])
  })

  it('rejects an unknown index', () => {
    assert.throws(() => new Table<Row>().keysWhere('colour', 'red'), /no index named colour/)
  })
})
