import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ListenerRow } from '../../../projections/listener-status.ts'
import { PROJECTIONS } from '../../../src/engine/read-models/projections.ts'
import { createListener, updateHost, updatePort } from '../../support/commands.ts'
import { TestEngine, until } from '../../support/test-engine.ts'

/** A later version of the listeners' projection, with hosts in capitals. */
const later: typeof PROJECTIONS = {
  ...PROJECTIONS,
  listenerStatus: {
    ...PROJECTIONS.listenerStatus,
    version: PROJECTIONS.listenerStatus.version + 1,
    project: (state, event) =>
      PROJECTIONS.listenerStatus.project(state, event).map(change => {
        if (change.table !== 'listeners' || change.after === undefined) return change
        const row = change.after as ListenerRow
        return { ...change, after: { ...row, spec: { ...row.spec, host: row.spec.host.toUpperCase() } } }
      }),
  },
}

const evenLater: typeof PROJECTIONS = {
  ...later,
  listenerStatus: { ...later.listenerStatus, version: later.listenerStatus.version + 1 },
}

const evenLaterAndRight: typeof PROJECTIONS = {
  ...PROJECTIONS,
  listenerStatus: { ...PROJECTIONS.listenerStatus, version: PROJECTIONS.listenerStatus.version + 2 },
}

/** How the rows of a version are named on disk, of so many versions after the present one. */
const modelId = (later: number): string => `listener-status@${PROJECTIONS.listenerStatus.version + later}`

const hostOf = ({ engine }: TestEngine, name: string): string | undefined =>
  engine.read.resource('Listener', 'west', name)?.spec.host

/** Starts with another version of a projection, and lets it read the log again only when `release` is called. */
const upgrade = async (test: TestEngine, projections = later): Promise<{ release(): void }> => {
  await test.stop()
  const released = Promise.withResolvers<void>()
  test.open({ projections })
  test.store.beforeDelivery = ({ after }) => (after === 0 ? released.promise : undefined)
  await test.engine.whenReady()
  return { release: () => released.resolve() }
}

describe('a projection of another version', () => {
  it('is rebuilt while readers see the older rows, and then replaces them', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('a'))
    const { release } = await upgrade(test)
    assert.deepEqual(test.engine.status().rebuilding, ['listener-status'])
    assert.equal(test.engine.status().ready, true)
    assert.equal(hostOf(test, 'a'), 'a')
    release()
    await until(() => test.engine.status().rebuilding.length === 0)
    assert.equal(hostOf(test, 'a'), 'A')
  })

  it('includes events from the time of the rebuild', async () => {
    await using test = await TestEngine.start()
    const { uid } = await test.run(createListener('a'))
    const { release } = await upgrade(test)
    const moved = await test.run(updatePort('a', 9090))
    assert.deepEqual([moved.uid, moved.eventType], [uid, 'PortUpdated'])
    await test.run(createListener('b'))
    release()
    await until(() => test.engine.status().rebuilding.length === 0)
    assert.deepEqual([hostOf(test, 'a'), hostOf(test, 'b')], ['A', 'B'])
    assert.equal(test.engine.read.resource('Listener', 'west', 'a')?.spec.port, 9090)
    await test.run(updatePort('b', 9090))
    assert.equal(test.engine.read.resource('Listener', 'west', 'b')?.spec.port, 9090)
  })

  it('has commands decided on the log during the rebuild', async () => {
    await using test = await TestEngine.start({ projections: later })
    await test.run(createListener('a'))
    assert.equal(hostOf(test, 'a'), 'A')
    const { release } = await upgrade(test, evenLaterAndRight)
    assert.equal(hostOf(test, 'a'), 'A')
    const { eventType } = await test.run(updateHost('a', 'A'))
    assert.equal(eventType, 'HostUpdated')
    release()
    await until(() => test.engine.status().rebuilding.length === 0)
    assert.equal((await test.run(updateHost('a', 'A'))).eventType, undefined)
    assert.deepEqual((await test.stream('listener-west.a')).at(-1)?.data, {
      namespace: 'west',
      name: 'a',
      uid: test.engine.read.resource('Listener', 'west', 'a')?.uid,
      generation: 2,
      previous: 'a',
      host: 'A',
    })
  })

  it('deduplicates commands from before and during the rebuild', async () => {
    await using test = await TestEngine.start()
    const { uid } = await test.run(createListener('a'), { commandId: 'command-1' })
    const { release } = await upgrade(test)
    await test.run(updatePort('a', 9090), { commandId: 'command-2' })
    release()
    await until(() => test.engine.status().rebuilding.length === 0)
    assert.equal((await test.run(createListener('a'), { commandId: 'command-1' })).uid, uid)
    assert.equal((await test.run(updatePort('a', 9090), { commandId: 'command-2' })).eventType, 'PortUpdated')
    assert.equal((await test.story('listener-west.a')).length, 2)
  })

  it('is not rebuilt twice, and leaves no older rows', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('a'))
    await test.restart({ projections: later })
    await until(() => test.engine.status().rebuilding.length === 0)
    await test.stop()
    const models = new Set((test.rowsOnDisk() as { model: string }[]).map(({ model }) => model))
    assert.ok(models.has(modelId(1)) && !models.has(modelId(0)))
    test.open({ projections: later })
    assert.equal(hostOf(test, 'a'), 'A')
    assert.deepEqual(test.engine.status().rebuilding, [])
  })

  it('continues its rebuild after a stop', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('a'))
    await upgrade(test)
    await test.restart({ projections: later })
    await until(() => test.engine.status().rebuilding.length === 0)
    assert.equal(hostOf(test, 'a'), 'A')
  })

  it('shows complete rows if an earlier rebuild was not finished', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('a'))
    await upgrade(test)
    await test.stop()
    test.open({ projections: evenLater })
    assert.equal(hostOf(test, 'a'), 'a')
    await until(() => test.engine.status().rebuilding.length === 0)
    assert.equal(hostOf(test, 'a'), 'A')
    await test.stop()
    const models = new Set(test.rowsOnDisk().map(row => (row as { model: string }).model))
    assert.deepEqual(
      [...models].filter(model => model.startsWith('listener-status')),
      [modelId(2)],
    )
  })

  it('ends watches, which restart with the rebuilt state', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('a'))
    const { release } = await upgrade(test)
    const watch = test.engine.watch
      .resource('Listener', 'west', 'a', new AbortController().signal)
      [Symbol.asyncIterator]()
    assert.equal((await watch.next()).value.row.spec.host, 'a')
    release()
    await assert.rejects(watch.next(), { code: 'UNAVAILABLE', message: /subscribe again/ })
  })
})
