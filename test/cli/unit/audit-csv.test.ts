import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { csvCell } from '../../../src/lib/csv-cell.ts'
import { printable } from '../../../src/lib/printable.ts'
import { anyCharacter } from '../../support/any-character.ts'
import fc from '../../support/fast-check.ts'

/** Beginnings that spreadsheets treat as formulas, and characters that hide them. */
const nasty = fc
  .array(
    fc.constantFrom(
      '=',
      '+',
      '-',
      '@',
      '＝',
      '＋',
      '－',
      '＠',
      "'",
      '"',
      ',',
      ';',
      '|',
      ' ',
      '\t',
      '\r',
      '\n',
      '\u200b',
      '\ufeff',
      '\u00a0',
      'a',
      '1',
      'é',
    ),
    { maxLength: 12 },
  )
  .map(parts => parts.join(''))
const anyText = fc.oneof(nasty, fc.string({ unit: anyCharacter }), fc.string())

/** Cells of one line, as RFC 4180 has them, with this separator; of a separator that is not ours, quotes count within cells alone. */
const cellsOf = (line: string, separator = ','): string[] => {
  const cells: string[] = []
  let rest = line
  for (;;) {
    const quoted = /^"((?:[^"]|"")*)"/.exec(rest)
    const end = rest.indexOf(separator)
    const cell = quoted?.[0] ?? (end < 0 ? rest : rest.slice(0, end))
    cells.push(quoted === null ? cell : (quoted[1] as string).replaceAll('""', '"'))
    if (cell.length >= rest.length) return cells
    if (quoted !== null && rest[cell.length] !== separator) return cells
    rest = rest.slice(cell.length + 1)
  }
}

const BLANKS = /^[\s\u200b\ufeff\u00a0]*/
const isFormula = (cell: string): boolean => '=+-@＝＋－＠'.includes(cell.replace(BLANKS, '').charAt(0) || 'x')
/** Removes the apostrophes that csvCell adds. */
const bare = (cell: string): string => cell.replace(/^'/, '').replace(/([;|][\s\p{Cf}"]*)'/gu, '$1')

describe('csvCell', () => {
  it('never returns a formula', () => {
    fc.assert(
      fc.property(fc.array(anyText, { minLength: 1, maxLength: 4 }), texts => {
        const line = texts.map(csvCell).join(',')
        assert.doesNotMatch(line, /[\r\n\t]/)
        for (const cell of cellsOf(line)) assert.ok(!isFormula(cell), JSON.stringify(cell))
      }),
      { numRuns: 2000 },
    )
  })

  it('never returns a formula if cells are separated by ; or |', () => {
    fc.assert(
      fc.property(nasty, text => {
        for (const separator of [';', '|'])
          for (const cell of csvCell(text).split(separator)) assert.ok(!isFormula(cell.replace(/^"+/, '')), cell)
      }),
      { numRuns: 2000 },
    )
  })

  it('returns a cell that is read back as the same text on one line', () => {
    fc.assert(
      fc.property(fc.array(anyText, { minLength: 1, maxLength: 4 }), texts => {
        const read = cellsOf(texts.map(csvCell).join(',')).map(bare)
        assert.deepEqual(read, texts.map(printable))
      }),
      { numRuns: 2000 },
    )
  })

  for (const [text, cell] of [
    ['backend', 'backend'],
    ['=1+1', "'=1+1"],
    ['  @SUM(A1)', "'  @SUM(A1)"],
    ['-5', "'-5"],
    ['a-5', 'a-5'],
    ['"quoted", and more', '"""quoted"", and more"'],
    ['a;=1', '"a;\'=1"'],
    ["'=1", "''=1"],
    ["it's", "it's"],
    ['', ''],
  ] as const) {
    it(`returns ${cell} for ${JSON.stringify(text)}`, () => assert.equal(csvCell(text), cell))
  }
})
