import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Column, Table } from '../../../src/cli/output/table.ts'

interface Row {
  readonly name: string
  readonly port?: number
  readonly message?: string
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'NAME', value: ({ name }) => name },
  { title: 'PORT', value: ({ port }) => port },
  { title: 'MESSAGE', value: ({ message }) => message },
]

describe('Table', () => {
  it('fits columns to the widest cells and prints <none> for empty ones', () => {
    const lines = new Table(COLUMNS).lines([{ name: 'backend', port: 8080, message: 'OK' }, { name: 'db' }])
    assert.deepEqual(lines, ['NAME      PORT     MESSAGE', 'backend   8080     OK', 'db        <none>   <none>'])
  })

  it('prints later rows in the same columns without titles', () => {
    const table = new Table(COLUMNS)
    table.lines([{ name: 'backend', port: 1, message: 'a' }])
    assert.deepEqual(table.lines([{ name: 'db', port: 2, message: 'b' }]), ['db        2      b'])
    assert.deepEqual(table.lines([{ name: 'a-longer-name', port: 3, message: 'c' }]), ['a-longer-name   3      c'])
    assert.deepEqual(table.lines([{ name: 'db', port: 4, message: 'd' }]), ['db              4      d'])
  })

  it('aligns characters that take two columns, or none', () => {
    const rows = ['日本', 'e\u0301clair', '🚀 dev', 'db'].map((name, port) => ({ name, port, message: 'x' }))
    assert.deepEqual(new Table(COLUMNS).lines(rows), [
      'NAME     PORT   MESSAGE',
      '日本     0      x',
      'e\u0301clair   1      x',
      '🚀 dev   2      x',
      'db       3      x',
    ])
  })

  it('removes control characters from cells', () => {
    const [, line] = new Table(COLUMNS).lines([{ name: 'a', port: 1, message: 'two\nlines \u001b[31mred' }])
    assert.equal(line, 'a      1      two lines  [31mred')
  })

  it('trims the end of lines', () => {
    const [, line] = new Table(COLUMNS).lines([{ name: 'a', port: 1, message: '' }])
    assert.equal(line, 'a      1')
  })

  it('measures cells without their colours', () => {
    const coloured = [{ ...COLUMNS[0]!, colour: (text: string) => `<${text}>` }, COLUMNS[1]!]
    assert.deepEqual(new Table(coloured).lines([{ name: 'db', port: 1 }]), ['NAME   PORT', '<db>     1'])
  })
})
