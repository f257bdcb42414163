import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { readInstant } from '../../../schemas/instant.ts'
import { moment } from '../../../src/cli/moment.ts'
import fc from '../../support/fast-check.ts'

const NOW = Date.parse('2026-11-29T12:00:00Z')
const timeOf = (text: string): string | undefined => {
  const read = moment(text, undefined, NOW)
  return 'time' in read ? read.time : undefined
}

describe('moment', () => {
  const { TZ } = process.env
  before(() => {
    process.env.TZ = 'Europe/Berlin'
  })
  after(() => {
    if (TZ === undefined) delete process.env.TZ
    else process.env.TZ = TZ
  })

  for (const [text, time] of [
    ['2026-11-29', '2026-11-29T00:00:00.000Z'],
    ['2026-11-29T00:00', '2026-11-29T00:00:00.000Z'],
    ['2026-11-29 00:00:00', '2026-11-29T00:00:00.000Z'],
    ['2026-07-01T12:30:15.5', '2026-07-01T12:30:15.500Z'],
    ['2026-11-29T00:00Z', '2026-11-29T00:00:00.000Z'],
    ['2026-11-29T01:00:00+01:00', '2026-11-29T00:00:00.000Z'],
    ['2026-11-28T19:00:00.123456-05:00', '2026-11-29T00:00:00.123Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['1h', '2026-11-29T11:00:00.000Z'],
    ['30m ago', '2026-11-29T11:30:00.000Z'],
    ['2d', '2026-11-27T12:00:00.000Z'],
    ['1h30m', '2026-11-29T10:30:00.000Z'],
    ['1w 2d ago', '2026-11-20T12:00:00.000Z'],
    ['0s', '2026-11-29T12:00:00.000Z'],
  ] as const) {
    it(`parses ${text} as ${time} in any time zone`, () => assert.equal(timeOf(text), time))
  }

  for (const text of ['7', '0000000000000042', '20261129'])
    it(`parses ${text} as a position`, () => assert.deepEqual(moment(text), { position: text }))

  for (const text of [
    '2026-02-31',
    '2026-02-29',
    '2026-13-01',
    '2026-00-10',
    '2026-11-00',
    '2026-11-29T25:00',
    '2026-11-29T24:00',
    '2026-11-29T12:60',
    '2026-11-29T12:00:60Z',
    '2026-11-29T12:00:00+24:00',
    '2026-11-29T12',
    '2026-11',
    '2026-11-29T12:00:00 CET',
    '2026-11-29Z',
    'Nov 29 2026',
    'yesterday',
    '-1h',
    '1y',
    'ago',
    '999999999w',
    '',
  ])
    it(`rejects ${JSON.stringify(text)}`, () =>
      assert.throws(() => moment(text, undefined, NOW), { code: 'commander.invalidArgument' }))
})

describe('readInstant', () => {
  it('round-trips every instant', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date('0100-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }), date => {
        assert.equal(readInstant(date.toISOString()), date.getTime())
        assert.equal(readInstant(date.toISOString().slice(0, 19)), Math.floor(date.getTime() / 1000) * 1000)
      }),
    )
  })
})
