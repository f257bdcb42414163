import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatPosition, parsePosition } from '../../schemas/events/recorded-event.ts'
import fc from '../support/fast-check.ts'

const position = fc.maxSafeNat()

describe('formatPosition and parsePosition', () => {
  it('are inverse', () => {
    fc.assert(fc.property(position, at => assert.equal(parsePosition(formatPosition(at)), at)))
  })

  it('keep the order as strings', () => {
    fc.assert(
      fc.property(position, position, (a, b) => {
        assert.equal(formatPosition(a) < formatPosition(b), a < b)
      }),
    )
  })

  it('accept positions without padding', () => {
    assert.equal(parsePosition('17'), 17)
    assert.equal(parsePosition('00000000000000000017'), 17)
  })

  for (const text of ['', ' 17', '17 ', '-1', '+1', '1.5', '1e3', '0x11', '٣', '9007199254740992', '1'.repeat(21)]) {
    it(`reject ${JSON.stringify(text)}`, () => assert.equal(parsePosition(text), undefined))
  }
})
