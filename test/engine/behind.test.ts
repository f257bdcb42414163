import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ListenerCommand } from '../../schemas/commands.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { createListener, deleteListener, updatePort } from './commands.ts'
import { ALICE, TestEngine } from './test-engine.ts'
import { TroubledStore } from './troubled-store.ts'

/** Calls `body` with an engine whose read models stay as they are until they are let go on. */
const withEngineBehind = async (
  test: TestEngine,
  body: (behind: Engine, goOn: () => void) => Promise<void>,
): Promise<void> => {
  const delivery = Promise.withResolvers<void>()
  const behind = await test.startAnother(store => {
    const troubled = new TroubledStore(store)
    let isFirst = true
    troubled.beforeDelivery = () => {
      if (!isFirst) return delivery.promise
      isFirst = false
      return undefined
    }
    return troubled
  })
  try {
    await body(behind, delivery.resolve)
  } finally {
    delivery.resolve()
  }
}

const runOn = (engine: Engine, command: ListenerCommand) => engine.execute(command, { caller: ALICE })

describe('an engine whose read models are behind', () => {
  it('does not take for done what another has undone since', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('a', { port: 8080 }))
    await withEngineBehind(test, async (behind, goOn) => {
      await test.run(updatePort('a', 9090))
      const asked = runOn(behind, updatePort('a', 8080))
      goOn()
      assert.equal((await asked).eventType, 'PortUpdated')
      assert.equal((await test.stream('listener-west.a')).length, 3)
    })
  })

  it('does not take for missing what another has created since', async () => {
    await using test = await TestEngine.start()
    await withEngineBehind(test, async (behind, goOn) => {
      await test.run(createListener('a'))
      const asked = runOn(behind, updatePort('a', 9090))
      goOn()
      assert.equal((await asked).row?.spec.port, 9090)
    })
  })

  it('does not take for there what another has deleted since', async () => {
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

  it('decides on what is in the log where it has only just started', async () => {
    await using test = await TestEngine.start()
    const { uid } = await test.run(createListener('a'))
    await test.stop()
    test.forgetReadModels()
    test.open()
    const moved = await test.run(updatePort('a', 9090))
    assert.deepEqual([moved.uid, moved.row?.generation], [uid, 2])
  })
})
