import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { type StoredVersion, VERSION_KIND, versionsByRow } from '../../../src/engine/history/row-version.ts'
import { LANE_SCHEMA, LaneStore } from '../../../src/engine/overview/lane-store.ts'

const router = (scope: string, type: string, message: string): StoredVersion => ({
  scope,
  key: 'west',
  position: 1,
  time: 0,
  type,
  kind: VERSION_KIND.whole,
  body: JSON.stringify({ connection: 'Connecting', message }),
})

describe('texts of lanes', () => {
  it('are removed with the last lane that has them', () => {
    using database = new DatabaseSync(':memory:')
    database.exec(LANE_SCHEMA)
    const lanes = new LaneStore(database)
    const texts = () =>
      database
        .prepare('SELECT text FROM lane_texts ORDER BY text')
        .all()
        .map(({ text }) => text)
    lanes.add(
      versionsByRow([
        router('sites@1/routers', 'RouterAttached', 'refused'),
        router('sites@2/routers', 'RouterAttached', 'no such host'),
      ]),
    )
    const all = texts()
    lanes.remove('sites@1')
    const kept = texts()
    assert.ok(kept.length < all.length, `${all} became ${kept}`)
    assert.ok(kept.includes('RouterAttached'))
    lanes.add(versionsByRow([router('sites@1/routers', 'RouterAttached', 'refused')]))
    assert.deepEqual(texts(), all)
    lanes.remove('sites@1')
    lanes.remove('sites@2')
    assert.deepEqual(texts(), [])
  })
})
