import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { escapedCell } from '../../../src/cli/commands/audit/report-formats/markdown.ts'
import { Table } from '../../../src/cli/output/table.ts'
import { csvCell } from '../../../src/lib/csv-cell.ts'
import { escapeHtml, printable } from '../../../src/lib/printable.ts'
import fc from '../../support/fast-check.ts'

const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u
const unseen = fc.constantFrom(
  ...'\u200b\u200d\u202e\u2066\u2069\ufeff\u00ad\u2028\u2029\u0007\u001b\u3164\ufe0f\u061c',
  '\u{e0041}',
)
const text = fc.array(fc.oneof(unseen, fc.string({ maxLength: 4 })), { maxLength: 8 }).map(parts => parts.join(''))
const cellOf = (value: string): string => new Table([{ title: 'ACTOR', value: () => value }]).lines([{}])[1] as string

describe('printable and escaped', () => {
  for (const [where, shown] of Object.entries({ table: cellOf, markdown: escapedCell, html: escapeHtml, csv: csvCell }))
    it(`leave no invisible character in ${where}`, () => {
      fc.assert(fc.property(text, written => assert.doesNotMatch(shown(written), UNSEEN)))
    })

  it('show the code points of invisible characters', () => {
    assert.equal(printable('alice\u202egnp.exe'), 'alice<U+202E>gnp.exe')
    assert.equal(printable('ag\u200bent'), 'ag<U+200B>ent')
    assert.equal(printable('two\r\nlines'), 'two lines')
    assert.equal(printable('Jürgen 山田'), 'Jürgen 山田')
  })
})
