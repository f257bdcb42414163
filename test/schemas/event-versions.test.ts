import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { applyChanges, emptyTables } from '../../projections/kit/projection.ts'
import { EVENTS, type EventType } from '../../schemas/events/events.ts'
import { eventMetadata, type RecordedEvent } from '../../schemas/events/recorded-event.ts'
import { schemaVersion, upcastEvent } from '../../schemas/events/upcast.ts'
import { EVERY_PROJECTION } from '../support/projections/every-projection.ts'

const FOLDER = new URL('../fixtures/events/', import.meta.url)

/** As each version of a schema wrote it. Files are added with a version, and never changed or taken away. */
const written = new Map(
  readdirSync(FOLDER).map(file => [file, JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as RecordedEvent]),
)

const versionsOf = (type: EventType): number[] => Array.from({ length: schemaVersion(type) }, (_, index) => index + 1)

describe('event fixtures', () => {
  it('exist for every type and version', () => {
    const expected = (Object.keys(EVENTS) as EventType[]).flatMap(type =>
      versionsOf(type).map(version => `${type}.v${version}.json`),
    )
    assert.deepEqual([...written.keys()].sort(), expected.sort())
  })

  for (const [file, event] of written) {
    it(`are upcast and projected: ${file}`, () => {
      assert.equal(`${event.type}.v${event.metadata.schemaVersion}.json`, file)
      assert.deepEqual(eventMetadata.parse(event.metadata), event.metadata)
      const read = upcastEvent({ ...event, position: 1 })
      assert.ok(read !== undefined)
      assert.deepEqual(EVENTS[read.type].data.parse(read.data), read.data)
      for (const projection of EVERY_PROJECTION) {
        const tables = emptyTables(projection)
        applyChanges(projection, tables, projection.project(tables, read))
      }
    })
  }

  it('give the same reason in both versions of RouterLost', () => {
    const reasons = [1, 2].map(version => {
      const event = written.get(`RouterLost.v${version}.json`) as RecordedEvent
      return upcastEvent({ ...event, position: 1 })?.data
    })
    assert.deepEqual(reasons[0], reasons[1])
  })
})
