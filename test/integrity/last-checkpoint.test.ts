import assert from 'node:assert/strict'
import { join } from 'node:path'
import { it } from 'node:test'
import { CHECKPOINTS_STREAM } from '../../schemas/events/streams.ts'
import { NO_STREAM } from '../../src/event-store/event-store.ts'
import { openSqliteEventStore } from '../../src/event-store/sqlite/store.ts'
import { lastCheckpoint } from '../../src/integrity/checkpoints/last-checkpoint.ts'
import { event } from '../contract/event-store/events.ts'
import { scratchFolder } from '../support/scratch-folder.ts'

it('lastCheckpoint › returns the newest checkpoint, also behind a new key, and undefined without one', async () => {
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await scratchFolder())
  const store = openSqliteEventStore({ file: join(folder.path, 'events.db') })
  stack.defer(() => store.close())
  assert.equal(await lastCheckpoint(store), undefined)
  const newest = { events: 2, time: '2026-11-23T10:00:00.000Z', keyId: '0123456789abcdef' }
  await store.append(CHECKPOINTS_STREAM, NO_STREAM, [
    { ...event({ ...newest, events: 1 }), type: 'CheckpointSigned' },
    { ...event(newest), type: 'CheckpointSigned' },
    { ...event(), type: 'SigningKeyIntroduced' },
  ])
  assert.deepEqual(await lastCheckpoint(store), { ...newest, position: 2 })
})
