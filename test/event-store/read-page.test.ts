import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { EventsMissing, StoreCorrupted } from '../../src/event-store/event-store.ts'
import { everyStream, type Placed, toPage } from '../../src/event-store/sqlite/read-page.ts'

const rows = (...positions: readonly number[]): Placed[] => positions.map(position => [position, 'listener-west.a'])
const DAMAGED: Placed = [3, 'damaged']

const map = ([position, stream]: Placed): number => {
  if (stream === 'damaged') throw new StoreCorrupted({ position }, 'it is not an event')
  return position
}

const forward = (found: readonly Placed[], { end = 10, limit = 5 } = {}) =>
  toPage(found, { from: 0, step: 1, end, limit }, { matches: everyStream, map })
const backward = (found: readonly Placed[], limit = 5) =>
  toPage(found, { from: 6, step: -1, end: 1, limit }, { matches: everyStream, map })

const missing = (from: number, to: number) => (error: unknown) =>
  error instanceof EventsMissing && error.from === from && error.to === to

describe('toPage', () => {
  it('ends the log with fewer rows than its limit', () => {
    assert.deepEqual(forward(rows(1, 2, 3), { end: 3 }), { events: [1, 2, 3], last: 3, atEnd: true })
    assert.deepEqual(forward(rows(1, 2, 3), { limit: 3 }), { events: [1, 2, 3], last: 3, atEnd: false })
    assert.deepEqual(backward(rows(5, 4, 3, 2, 1), 6), { events: [5, 4, 3, 2, 1], last: 1, atEnd: true })
    assert.deepEqual(forward([], { end: 0 }), { events: [], last: 0, atEnd: true })
  })

  it('counts rows that do not match as read', () => {
    const matches = (stream: string) => stream !== 'listener-west.a'
    const page = toPage(rows(1, 2), { from: 0, step: 1, end: 2, limit: 5 }, { matches, map })
    assert.deepEqual(page, { events: [], last: 2, atEnd: true })
  })

  it('ends before a missing or damaged event', () => {
    assert.deepEqual(forward(rows(1, 2, 4)), { events: [1, 2], last: 2, atEnd: false })
    assert.deepEqual(forward(rows(1, 2), { end: 3 }), { events: [1, 2], last: 2, atEnd: false })
    assert.deepEqual(forward([...rows(1, 2), DAMAGED]), { events: [1, 2], last: 2, atEnd: false })
    assert.deepEqual(backward(rows(5, 3)), { events: [5], last: 5, atEnd: false })
  })

  it('throws at a missing event if it is the first', () => {
    assert.throws(() => forward(rows(3, 4)), missing(1, 2))
    assert.throws(() => forward([], { end: 3 }), missing(1, 3))
    assert.throws(() => backward(rows(3, 2)), missing(4, 5))
    assert.throws(() => backward([]), missing(1, 5))
  })

  it('throws at a damaged event if it is the first', () => {
    assert.throws(() => toPage([DAMAGED], { from: 2, step: 1, end: 5, limit: 5 }, { matches: everyStream, map }), {
      fault: 'it is not an event',
    })
    const unreadable = [1, null] as unknown as Placed
    assert.throws(
      () => forward([unreadable]),
      (error: StoreCorrupted) => error.fault === 'it is not an event' && error.location.position === 1,
    )
  })
})
