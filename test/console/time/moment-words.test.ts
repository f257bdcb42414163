import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { momentWords } from '../../../src/console/time/moment-words.ts'

const FIRST = Date.UTC(2026, 0, 1, 12, 0, 0, 5)
const PRESENT = {
  at: undefined,
  isInvalid: false,
  isAfterHead: false,
  time: undefined,
  now: FIRST + 60_000,
  first: FIRST,
}

const wordsOf = (moment: Partial<Parameters<typeof momentWords>[0]>): string =>
  momentWords({ ...PRESENT, ...moment }, 'utc')

describe('momentWords', () => {
  test('states the present in whole seconds', () => assert.equal(wordsOf({}), 'Now 2026-01-01 12:01:00 UTC'))

  test('states a moment of the past to the millisecond', () =>
    assert.equal(wordsOf({ at: '0000000000000007', time: FIRST + 7 }), '2026-01-01 12:00:00.012 UTC'))

  test('states that nothing existed before the first event', () =>
    assert.equal(
      wordsOf({ at: '2025-01-01T00:00:00Z', time: Date.UTC(2025, 0, 1) }),
      'Nothing existed yet; first event 2026-01-01 12:00:00.005 UTC',
    ))

  test('states why the present is shown', () => {
    assert.equal(wordsOf({ isInvalid: true }), 'Now: no valid moment in the address')
    assert.equal(wordsOf({ at: '2030-01-01T00:00:00Z', isAfterHead: true }), 'Now: that time is to come')
    assert.equal(wordsOf({ at: '0000000000000900', isAfterHead: true }), 'Now: no event 900 yet')
  })
})
