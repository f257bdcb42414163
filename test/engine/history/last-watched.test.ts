import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { RouterConnection } from '../../../projections/shared/router-connection.ts'
import type { EventType } from '../../../schemas/events/events.ts'
import { leaseStream, routerStream } from '../../../schemas/events/streams.ts'
import { schemaVersion } from '../../../schemas/events/upcast.ts'
import { lastWatched } from '../../../src/controller/lease/last-watched.ts'
import { WATCHED_FILE, WatchedRouters } from '../../../src/engine/history/watched-routers.ts'
import { type EventStore, NO_STREAM } from '../../../src/event-store/event-store.ts'
import { openSqliteEventStore } from '../../../src/event-store/sqlite/store.ts'
import { scratchFolder } from '../../support/scratch-folder.ts'

const at = (clock: string): string => `2026-01-01T${clock}.000Z`
const text = (time: number): string => new Date(time).toISOString()

const LINK: RouterConnection = { connection: 'Connected', message: 'OK', since: at('10:00:00'), driver: 'host/old' }

const append = async (store: EventStore, stream: string, facts: readonly (readonly [EventType, object, string])[]) => {
  const events = facts.map(([type, data, clock]) => ({
    id: randomUUID(),
    type,
    data,
    time: at(clock),
    metadata: { schemaVersion: schemaVersion(type), actor: 'agent', correlationId: randomUUID() },
  }))
  await store.append(stream, NO_STREAM, events)
}

const opened = async () => {
  const folder = await scratchFolder()
  const store = openSqliteEventStore({ file: join(folder.path, 'events.db') })
  const file = join(folder.path, WATCHED_FILE)
  return {
    store,
    file,
    async [Symbol.asyncDispose]() {
      await store.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}

describe('WatchedRouters', () => {
  it('keeps the time for the next engine on the same data folder', async () => {
    await using test = await opened()
    const before = new WatchedRouters(test.file)
    before.note('west', 'host/old', Date.parse(at('10:10:00')))
    before.note('west', 'host/old', Date.parse(at('10:10:05')))
    before.save()
    const found = await lastWatched(test.store, new WatchedRouters(test.file), 'west', LINK)
    assert.equal(text(found), at('10:10:05'))
  })

  it('saves the first time immediately and the last one on close', async () => {
    await using test = await opened()
    const watched = new WatchedRouters(test.file)
    watched.note('west', 'host/old', Date.parse(at('10:10:00')))
    assert.deepEqual(JSON.parse(readFileSync(test.file, 'utf8')), {
      west: { driver: 'host/old', until: at('10:10:00') },
    })
    watched.save()
  })

  it('ignores the time if another engine was the last driver', async () => {
    await using test = await opened()
    const watched = new WatchedRouters(undefined)
    watched.note('west', 'host/older', Date.parse(at('11:00:00')))
    assert.equal(text(await lastWatched(test.store, watched, 'west', LINK)), at('10:00:00'))
  })

  it('falls back to the last connection if the log names no driver', async () => {
    await using test = await opened()
    await append(test.store, routerStream('west'), [
      ['ConnectorGone', { namespace: 'west', identity: 'a:1' }, '10:20:00'],
    ])
    const { driver: _, ...connection } = LINK
    assert.equal(text(await lastWatched(test.store, new WatchedRouters(undefined), 'west', connection)), LINK.since)
  })

  it('falls back to the last event of the driver if the file is missing or truncated', async () => {
    await using test = await opened()
    const identity = { namespace: 'west', identity: 'a:1' }
    await append(test.store, routerStream('west'), [['ConnectorGone', identity, '10:20:00']])
    for (const contents of [undefined, '', '{"west":{"driver":"host/o', '{"west":1}']) {
      if (contents !== undefined) writeFileSync(test.file, contents)
      assert.equal(text(await lastWatched(test.store, new WatchedRouters(test.file), 'west', LINK)), at('10:20:00'))
    }
  })

  it('counts a renewed lease of the driver, but no request for the lease', async () => {
    await using test = await opened()
    const ofWest = { namespace: 'west' }
    await append(test.store, leaseStream('west'), [
      ['LeaseTaken', { ...ofWest, holder: 'host/old' }, '10:00:00'],
      ['LeaseAsked', { ...ofWest, by: 'host/new' }, '10:29:59'],
      ['LeaseRenewed', { ...ofWest, holder: 'host/old' }, '10:30:00'],
      ['LeaseAsked', { ...ofWest, by: 'host/new' }, '10:40:00'],
      ['LeaseTaken', { ...ofWest, holder: 'host/new' }, '10:40:05'],
    ])
    assert.equal(text(await lastWatched(test.store, new WatchedRouters(undefined), 'west', LINK)), at('10:30:00'))
  })

  it('returns no time before the router was connected', async () => {
    await using test = await opened()
    const watched = new WatchedRouters(undefined)
    watched.note('west', 'host/old', Date.parse(at('09:00:00')))
    assert.equal(text(await lastWatched(test.store, watched, 'west', LINK)), at('10:00:00'))
  })
})
