import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { LogDigest } from '../../src/integrity/checkpoints/log-digest.ts'
import { sha256 } from '../../src/integrity/hash-chain/event-hash.ts'

const EVENTS = 12
const hashes = Array.from({ length: EVENTS }, (_, index) => sha256(`event ${index}`))

const digestOf = (count: number): LogDigest => {
  const digest = new LogDigest()
  for (const [index, hash] of hashes.slice(0, count).entries())
    digest.add({
      stream: 'site-west',
      place: digest.placeOf('site-west'),
      position: index + 1,
      revision: index,
      time: '',
      hash,
    })
  return digest
}

describe('LogDigest', () => {
  it('covers events in the order in which they were added, however many at a time', () => {
    const digest = digestOf(EVENTS)
    let before = '0'.repeat(64)
    let events = 0
    for (const size of [1, 2, 5, 1, 3]) {
      const own = hashes.slice(events, events + size)
      events += size
      const { logHash, entries } = digest.cover(events)
      assert.equal(logHash, sha256(before + own.join('')))
      assert.deepEqual(
        entries.map(({ hash }) => hash),
        own,
      )
      assert.deepEqual([digest.waiting, digest.events], [EVENTS - events, EVENTS])
      before = logHash
    }
  })

  it('rejects an extent beyond its events, or before what is covered', () => {
    const digest = digestOf(3)
    digest.cover(2)
    assert.throws(() => digest.cover(4), /4 is not from 2 to 3/)
    assert.throws(() => digest.cover(1), RangeError)
    assert.equal(digest.cover(3).events, 3)
  })
})
