import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { nextOrder, type Sortable, searchRows, sortRows } from '../../src/console/components/table-rows.ts'

interface Row {
  readonly name: string
  readonly port: number
}

const COLUMNS: readonly Sortable<Row>[] = [
  { key: 'name', value: ({ name }) => name },
  { key: 'port', value: ({ port }) => port },
]
const ROWS: readonly Row[] = [
  { name: 'backend', port: 9090 },
  { name: 'api', port: 80 },
  { name: 'Backup', port: 80 },
]
const names = (rows: readonly Row[]): readonly string[] => rows.map(({ name }) => name)

describe('tables of the console', () => {
  test('find rows that contain every word, in any column and case', () => {
    assert.deepEqual(names(searchRows(ROWS, COLUMNS, 'back')), ['backend', 'Backup'])
    assert.deepEqual(names(searchRows(ROWS, COLUMNS, ' 80  BACK ')), ['Backup'])
    assert.deepEqual(names(searchRows(ROWS, COLUMNS, '  ')), names(ROWS))
  })

  test('sort numbers as numbers, and keep the order of equal rows', () => {
    assert.deepEqual(names(sortRows(ROWS, COLUMNS, { key: 'port', isDescending: false })), ['api', 'Backup', 'backend'])
    assert.deepEqual(names(sortRows(ROWS, COLUMNS, { key: 'port', isDescending: true })), ['backend', 'api', 'Backup'])
    assert.deepEqual(names(sortRows(ROWS, COLUMNS, undefined)), names(ROWS))
  })

  test('go from ascending to descending to the order as given', () => {
    const first = nextOrder(undefined, 'name')
    const second = nextOrder(first, 'name')
    assert.deepEqual([first?.isDescending, second?.isDescending, nextOrder(second, 'name')], [false, true, undefined])
    assert.deepEqual(nextOrder(second, 'port'), { key: 'port', isDescending: false })
  })
})
