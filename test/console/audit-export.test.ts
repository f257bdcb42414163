import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { detailsOf, type ExportedEntry, toCsv, toHtml, toJson } from '../../src/console/audit/export.ts'

const entry = (overrides: Partial<ExportedEntry> = {}): ExportedEntry => ({
  position: '0000000000000024',
  time: '2026-11-29T23:45:44.563Z',
  actor: 'alice',
  via: 'cli',
  clientAddress: null,
  action: 'update',
  words: 'changed the port',
  resource: { kind: 'Listener', namespace: 'west', name: 'backend' },
  changes: [{ field: 'spec.port', before: 9090, after: 7070 }],
  result: 'Done',
  message: null,
  ...overrides,
})

describe('exports of the audit report', () => {
  test('states changes and messages', () => {
    assert.equal(detailsOf(entry()), 'port 9090 → 7070')
    assert.equal(detailsOf(entry({ changes: [], message: 'not found' })), 'not found')
    assert.equal(detailsOf(entry({ changes: [{ field: 'spec.host', before: null, after: 'a' }] })), 'host a')
    const field = 'spec.strategy.priority.routingKeys'
    const keys = entry({ changes: [{ field, before: ['north'], after: ['backend', 'north'] }] })
    assert.equal(detailsOf(keys), 'priority routing keys north → backend, north')
  })

  test('quotes cells of CSV, and disarms formulas', () => {
    const [, line] = toCsv([entry({ actor: '=cmd()', message: 'say "no", then', changes: [] })]).split('\r\n')
    assert.equal(
      line,
      `2026-11-29T23:45:44.563Z,0000000000000024,'=cmd(),cli,,update,Listener,west,backend,Done,"say ""no"", then"`,
    )
    for (const start of ['=', '+', '-', '@', '＝'])
      assert.ok(toCsv([entry({ actor: `${start}cmd` })]).includes(`,'${start}cmd,`), start)
  })

  test('escapes HTML', () => {
    const html = toHtml([entry({ actor: '<script>alert(1)</script>' })], 'A & B')
    assert.ok(!html.includes('<script>'))
    assert.ok(html.includes('A &amp; B'))
    assert.ok(html.includes('&lt;script&gt;alert(1)'))
  })

  test('writes JSON that reads back', () => {
    assert.deepEqual(JSON.parse(toJson([entry()])), [entry()])
  })
})
