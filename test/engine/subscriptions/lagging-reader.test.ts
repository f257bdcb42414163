import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { ListenerCommand } from '../../../schemas/commands.ts'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import type { Engine } from '../../../src/engine/engine.ts'
import { FaultyStore } from '../../fakes/faulty-store.ts'
import { createListener, deleteListener, updatePort, updateRoutingKey } from '../../support/commands.ts'
import { eventually } from '../../support/eventually.ts'
import { ALICE, TestEngine } from '../../support/test-engine.ts'

/** Calls `body` with an engine whose read models are held back until released, and its store. */
const withEngineBehind = async (
  test: TestEngine,
  body: (behind: Engine, goOn: () => void, appends: readonly string[]) => Promise<void>,
): Promise<void> => {
  const delivery = Promise.withResolvers<void>()
  const appends: string[] = []
  const behind = await test.startAnother(store => {
    const troubled = new FaultyStore(store)
    let isFirst = true
    troubled.beforeDelivery = () => {
      if (!isFirst) return delivery.promise
      isFirst = false
      return undefined
    }
    troubled.beforeAppend = stream => void appends.push(stream)
    return troubled
  })
  try {
    await body(behind, delivery.resolve, appends)
  } finally {
    delivery.resolve()
  }
}

const runOn = (engine: Engine, command: ListenerCommand, options: { expectedResourceVersion?: Position } = {}) =>
  engine.execute(command, { caller: ALICE, ...options })

describe('command handler with lagging read models', () => {
  it('executes a command whose effect another engine has undone', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('a', { port: 8080 }))
    await withEngineBehind(test, async (behind, goOn) => {
      await test.run(updatePort('a', 9090))
      const command = runOn(behind, updatePort('a', 8080))
      goOn()
      assert.equal((await command).eventType, 'PortUpdated')
      assert.equal((await test.stream('listener-west.a')).length, 3)
    })
  })

  it('updates a resource that another engine has created', async () => {
    await using test = await TestEngine.start()
    await withEngineBehind(test, async (behind, goOn) => {
      await test.run(createListener('a'))
      const command = runOn(behind, updatePort('a', 9090))
      goOn()
      assert.equal((await command).row?.spec.port, 9090)
    })
  })

  it('rejects an update of a resource that another engine has deleted', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('a'))
    await withEngineBehind(test, async (behind, goOn) => {
      await test.run(deleteListener('a'))
      const [update, create] = [runOn(behind, updatePort('a', 9090)), runOn(behind, createListener('a'))]
      goOn()
      await assert.rejects(update, { code: 'NOT_FOUND' })
      assert.equal((await create).eventType, 'ListenerCreated')
    })
  })

  it('decides again on the stored events after a conflicting append', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('a'))
    await withEngineBehind(test, async (behind, goOn, appends) => {
      await test.run(updateRoutingKey('a', 'x'))
      const command = runOn(behind, updateRoutingKey('a', 'y'))
      await eventually(() => appends.length > 0)
      goOn()
      assert.equal((await command).eventType, 'RoutingKeyUpdated')
      assert.deepEqual(appends, ['listener-west.a', 'listener-west.a'])
      assert.deepEqual(
        (await test.stream('listener-west.a')).map(({ data }) => (data as { previous?: string }).previous),
        [undefined, 'backend', 'x'],
      )
    })
  })

  it('waits for the expected version that another engine reported', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('a'))
    await withEngineBehind(test, async (behind, goOn) => {
      const { position } = await test.run(updatePort('a', 9090))
      let outcome = 'waits'
      const command = runOn(behind, updatePort('a', 9091), { expectedResourceVersion: position }).finally(() => {
        outcome = 'is answered'
      })
      command.catch(() => undefined)
      for (let turn = 0; turn < 20; turn += 1) await setImmediate()
      assert.equal(outcome, 'waits')
      goOn()
      assert.equal((await command).row?.spec.port, 9091)
    })
  })

  it('decides on stored events before the read models have caught up', async () => {
    await using test = await TestEngine.start()
    const { uid } = await test.run(createListener('a'))
    await test.stop()
    test.forgetReadModels()
    test.open()
    const moved = await test.run(updatePort('a', 9090))
    assert.deepEqual([moved.uid, moved.row?.generation], [uid, 2])
  })
})
