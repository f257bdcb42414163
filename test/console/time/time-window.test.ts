import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  advanceTo,
  clampWindow,
  fitRecord,
  followRecord,
  pan,
  parseWindow,
  reveal,
  spanOf,
  timeAt,
  xOf,
  zoomAbout,
  zoomCentre,
} from '../../../src/console/time/time-window.ts'

const HOUR = 3_600_000
const RECORD = { first: 0, last: 10_000 }

describe('the window of the time bar', () => {
  test('shows the whole record up to now while events are recent', () => {
    const window = fitRecord(RECORD, 11_000)
    assert.ok(window.from < 0)
    assert.ok(window.to >= 11_000 && window.to < 12_000)
  })

  test('moves on with the clock, but not when nothing has happened for long', () => {
    const window = fitRecord(RECORD, 11_000)
    assert.equal(advanceTo(window, RECORD, window.to), window)
    const later = advanceTo(window, RECORD, window.to + 1)
    assert.ok(later.to > window.to + 1)
    const broken = advanceTo(later, RECORD, HOUR)
    assert.equal(advanceTo(broken, RECORD, 2 * HOUR), broken)
    const part = { from: 5000, to: 10_500 }
    assert.equal(advanceTo(part, RECORD, HOUR), part)
  })

  test('leaves most of a long quiet time out, so that events stay apart', () => {
    const { from, to } = fitRecord(RECORD, HOUR)
    assert.ok(to > RECORD.last)
    assert.ok(RECORD.last - RECORD.first > 0.75 * (to - from))
  })

  test('is a second at least for a record of one event', () => {
    assert.ok(spanOf(fitRecord({ first: 5, last: 5 }, 5)) >= 1000)
  })

  test('zooms about a time, which stays where it is', () => {
    const window = { from: 0, to: 1000 }
    const zoomed = zoomAbout(window, 250, 0.5)
    assert.equal(spanOf(zoomed), 500)
    assert.equal(xOf(zoomed, 800, 250), xOf(window, 800, 250))
  })

  test('zooms about the moment shown as long as that is in view', () => {
    const window = { from: 0, to: 1000 }
    assert.equal(zoomCentre(window, 100), 100)
    assert.equal(zoomCentre(window, undefined), 500)
    assert.equal(zoomCentre(window, 2000), 500)
  })

  test('does not zoom below ten milliseconds', () => {
    assert.ok(Math.abs(spanOf(zoomAbout({ from: 0, to: 20 }, 10, 0.001)) - 10) < 1e-9)
  })

  test('is read from an address if both ends are times, in order', () => {
    const [from, to] = ['2026-11-29T00:00:00.000Z', '2026-11-29T01:00:00.000Z']
    assert.deepEqual(parseWindow(from, to), { from: Date.parse(from), to: Date.parse(to) })
    for (const [one, other] of [
      [to, from],
      [from, undefined],
      ['yesterday', to],
    ])
      assert.equal(parseWindow(one, other), undefined)
  })

  test('pans by a share of its span', () => {
    assert.deepEqual(pan({ from: 0, to: 100 }, -0.5), { from: -50, to: 50 })
  })

  test('stays near the record', () => {
    const clamped = clampWindow({ from: -HOUR, to: HOUR }, RECORD, 10_000)
    assert.ok(clamped.from >= -RECORD.last && clamped.to <= 2 * RECORD.last)
    assert.deepEqual(clampWindow({ from: 2000, to: 3000 }, RECORD, 10_000), { from: 2000, to: 3000 })
  })

  test('moves to a time outside it and stays for one inside it', () => {
    assert.deepEqual(reveal({ from: 0, to: 100 }, 50), { from: 0, to: 100 })
    assert.deepEqual(reveal({ from: 0, to: 100 }, 500), { from: 450, to: 550 })
  })

  test('follows the record while it shows its end', () => {
    const after = { first: 0, last: 20_000 }
    const followed = followRecord({ from: 5000, to: 10_000 }, RECORD, after, 20_000)
    assert.equal(Math.round(spanOf(followed)), 5000)
    assert.ok(followed.to > 20_000)
    assert.deepEqual(followRecord({ from: 1000, to: 2000 }, RECORD, after, 20_000), { from: 1000, to: 2000 })
  })

  test('keeps showing the whole record', () => {
    const after = { first: 0, last: 20_000 }
    assert.deepEqual(followRecord({ from: -1, to: 10_000 }, RECORD, after, 20_000), fitRecord(after, 20_000))
  })

  test('converts between times and pixels', () => {
    const window = { from: 100, to: 300 }
    assert.equal(xOf(window, 400, 150), 100)
    assert.equal(timeAt(window, 400, 100), 150)
  })
})
