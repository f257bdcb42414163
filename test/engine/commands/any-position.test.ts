import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { test } from 'node:test'
import { createEngine } from '../../../src/engine/create-engine.ts'
import { connectInThisThread } from '../../../src/engine/history/recorder.ts'
import { openEventStoreDb } from '../../../src/event-store/eventstoredb/store.ts'
import { FakeEventStoreDb } from '../../fakes/eventstoredb/fake.ts'
import { silentLogger } from '../../fakes/silent-logger.ts'
import { createListener, updatePort } from '../../support/commands.ts'
import { scratchFolder } from '../../support/scratch-folder.ts'

test('read.past returns the state at positions between events of EventStoreDB', async () => {
  await using double = await new FakeEventStoreDb().start()
  await using folder = await scratchFolder()
  const store = openEventStoreDb({ connectionString: double.connectionString, onLoss: () => {} })
  const engine = createEngine({
    store,
    readModelFile: join(folder.path, 'read-models.db'),
    logger: silentLogger,
    connectHistory: connectInThisThread,
  })
  try {
    await engine.whenReady()
    const caller = { actor: 'alice', via: 'graphql' as const, correlationId: randomUUID() }
    const created = await engine.execute(createListener('a'), { caller })
    const moved = await engine.execute(updatePort('a', 9090), { caller })
    const between = moved.position - 1
    assert.ok(between > created.position)
    const { events } = await engine.read.events({}, { first: 10, after: between })
    assert.deepEqual(
      events.map(({ type }) => type),
      ['PortUpdated'],
    )
    const past = await engine.read.past({ position: between })
    assert.equal((await past.resource('Listener', 'west', 'a'))?.spec.port, 8080)
    const from = { position: between }
    const timeline = await engine.read.timeline({ kind: 'Listener', namespace: 'west', name: 'a', type: 'Ready', from })
    assert.equal(timeline.intervals.length, 1)
    const abort = new AbortController()
    const watch = engine.watch.events({}, abort.signal, from)[Symbol.asyncIterator]()
    assert.equal((await watch.next()).value?.type, 'PortUpdated')
    abort.abort()
    assert.ok((await watch.next()).done)
  } finally {
    await engine.close()
    await store.close()
  }
})
