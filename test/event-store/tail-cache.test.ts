import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { RecordedEvent } from '../../schemas/events/recorded-event.ts'
import { TailCache } from '../../src/event-store/sqlite/tail-cache.ts'
import { streamFilter } from '../../src/event-store/stream-filter.ts'

const KEPT = 128

const event = (position: number, stream = 'listener-west.a'): RecordedEvent =>
  ({ position, stream, revision: position }) as RecordedEvent

const events = (first: number, last: number): RecordedEvent[] =>
  Array.from({ length: last - first + 1 }, (_, index) => event(first + index))

const positions = (found: readonly Pick<RecordedEvent, 'position'>[] | undefined): readonly number[] | undefined =>
  found?.map(({ position }) => position)

describe('TailCache', () => {
  it('returns the events after a position, up to a limit', () => {
    const recent = new TailCache()
    recent.add(events(5, 9))
    assert.deepEqual(positions(recent.after(4, 2)), [5, 6])
    assert.deepEqual(positions(recent.after(6, 10)), [7, 8, 9])
    assert.deepEqual(positions(recent.after(9, 10)), [])
  })

  it('returns undefined if a later event was dropped', () => {
    const recent = new TailCache()
    assert.equal(recent.after(0, 10), undefined)
    recent.add(events(5, 9))
    assert.equal(recent.after(3, 10), undefined)
  })

  it('keeps the latest 128 events, and at most twice as many', () => {
    const recent = new TailCache()
    for (const next of events(1, 2 * KEPT)) recent.add([next])
    assert.deepEqual(positions(recent.after(0, 1)), [1])
    recent.add(events(2 * KEPT + 1, 2 * KEPT + 1))
    assert.equal(recent.after(KEPT, 1), undefined)
    assert.deepEqual(positions(recent.after(KEPT + 1, 1)), [KEPT + 2])
    assert.equal(recent.after(KEPT + 1, 2 * KEPT)?.length, KEPT)
  })

  it('keeps the last two large commits whole', () => {
    const recent = new TailCache()
    const SIZE = 1500
    for (const commit of [0, 1, 2]) recent.add(events(commit * SIZE + 1, (commit + 1) * SIZE))
    assert.equal(recent.after(SIZE - 1, 1), undefined)
    assert.equal(recent.after(SIZE, 3 * SIZE)?.length, 2 * SIZE)
  })

  it('keeps a large commit whole beside the one after it', () => {
    const recent = new TailCache()
    const SIZE = 3000
    recent.add(events(1, SIZE))
    recent.add(events(SIZE + 1, SIZE + 1))
    assert.equal(recent.after(0, SIZE)?.length, SIZE)
    recent.add(events(SIZE + 2, SIZE + 2))
    assert.equal(recent.after(0, SIZE), undefined)
  })

  it('returns the event at a position that it keeps', () => {
    const recent = new TailCache()
    recent.add(events(5, 9))
    assert.deepEqual(
      [4, 5, 9, 10].map(position => recent.at(position)?.position),
      [undefined, 5, 9, undefined],
    )
  })

  it('keeps unindexed events by stream until they are indexed', () => {
    const recent = new TailCache()
    recent.add([event(1, 'b'), event(2, 'a')])
    recent.add([event(3, 'b')])
    assert.equal(recent.unindexedCount, 3)
    assert.deepEqual(positions(recent.unindexedOf('b')), [1, 3])
    recent.markIndexed(2)
    assert.deepEqual([recent.firstUnindexed, recent.unindexedCount], [3, 1])
    assert.deepEqual(positions(recent.unindexedOf('b')), [3])
    recent.markIndexed(3)
    assert.equal(recent.unindexedCount, 0)
    assert.deepEqual(recent.unindexedOf('b'), [])
    assert.deepEqual(positions(recent.after(0, 10)), [1, 2, 3])
  })
})

describe('streamFilter', () => {
  it('rejects system streams if no prefix is given', () => {
    const matches = streamFilter(undefined)
    assert.deepEqual(['listener-west.a', '$settings', 'a$'].filter(matches), ['listener-west.a', 'a$'])
  })

  it('accepts streams that begin with one of the prefixes', () => {
    const matches = streamFilter(['listener-', 'site-'])
    assert.deepEqual(['listener-a', 'site-b', 'router-c', 'a-listener-'].filter(matches), ['listener-a', 'site-b'])
    assert.equal(streamFilter([])('listener-a'), false)
  })
})
