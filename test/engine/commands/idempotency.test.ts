import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { unanswered } from '../../fakes/faulty-store.ts'
import {
  createConnector,
  createListener,
  deleteListener,
  updateConnector,
  updateHost,
  updatePort,
} from '../../support/commands.ts'
import { listenerSpec } from '../../support/domain/specs.ts'
import { ALICE, TestEngine, until } from '../../support/test-engine.ts'

const id = { commandId: 'command-1' }

describe('execute repeated with its commandId', () => {
  it('returns the first result without appending events', async () => {
    await using test = await TestEngine.start()
    const commands = [
      createListener('backend'),
      updatePort('backend', 9090),
      updateHost('backend', 'api'),
      deleteListener('backend'),
    ]
    for (const [index, command] of commands.entries()) {
      const options = { commandId: `command-${index}` }
      const first = await test.run(command, options)
      const before = await test.log()
      assert.deepEqual(await test.run(command, options), first)
      assert.deepEqual(await test.log(), before)
    }
  })

  it('returns the first result after later changes and deletion', async () => {
    await using test = await TestEngine.start()
    const first = await test.run(createListener('backend'), id)
    await test.run(updatePort('backend', 9090))
    assert.deepEqual(await test.run(createListener('backend'), id), first)
    await test.run(deleteListener('backend'))
    assert.deepEqual(await test.run(createListener('backend'), id), first)
    assert.equal(test.engine.read.resource('Listener', 'west', 'backend'), undefined)
  })

  it('returns the first result after a restart and a crash', async () => {
    await using test = await TestEngine.start()
    const first = await test.run(createListener('backend'), id)
    await test.run(deleteListener('backend'))
    await using after = await test.crashed()
    assert.deepEqual(await after.run(createListener('backend'), id), first)
    await after.restart()
    assert.deepEqual(await after.run(createListener('backend'), id), first)
    assert.deepEqual(await after.story('listener-west.backend'), ['ListenerCreated', 'ListenerDeleted'])
  })

  it('returns the first result of a connector command', async () => {
    await using test = await TestEngine.start()
    await test.run(createConnector('backend'))
    const first = await test.run(updateConnector('backend', { port: 9090 }), id)
    await test.run(updateConnector('backend', { port: 9091 }))
    assert.deepEqual(await test.run(updateConnector('backend', { port: 9090 }), id), first)
  })

  it('returns the first result of a command without effect', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('backend'))
    const first = await test.run(updatePort('backend', 8080), id)
    await test.run(updatePort('backend', 9090))
    assert.deepEqual(await test.run(updatePort('backend', 8080), id), first)
    assert.equal(test.engine.read.resource('Listener', 'west', 'backend')?.spec.port, 9090)
  })

  it('returns the first result though its expected version is outdated', async () => {
    await using test = await TestEngine.start()
    const { position } = await test.run(createListener('backend'))
    const options = { ...id, expectedResourceVersion: position }
    const first = await test.run(updatePort('backend', 9090), options)
    assert.deepEqual(await test.run(updatePort('backend', 9090), options), first)
  })

  it('decides a rejected command again', async () => {
    await using test = await TestEngine.start()
    await assert.rejects(test.run(updatePort('backend', 9090), id), { code: 'NOT_FOUND' })
    await test.run(createListener('backend'))
    assert.equal((await test.run(updatePort('backend', 9090), id)).row?.spec.port, 9090)
  })

  it('executes a command once if its first answer was lost', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('backend'))
    test.store.afterAppend = unanswered
    await assert.rejects(test.run(updatePort('backend', 9090), id), { code: 'UNAVAILABLE' })
    test.store.afterAppend = () => {}
    const { row } = await test.run(updatePort('backend', 9090), id)
    assert.equal(row?.generation, 2)
    assert.deepEqual(await test.story('listener-west.backend'), ['ListenerCreated', 'PortUpdated'])
  })
})

describe('execute with one commandId many times concurrently', () => {
  it('executes once, and returns the same result to all', async () => {
    await using test = await TestEngine.start()
    const other = await test.startAnother()
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        (index % 3 === 0 ? other : test.engine).execute(createListener('backend'), { caller: ALICE, ...id }),
      ),
    )
    for (const answer of answers) assert.deepEqual(answer, answers[0])
    assert.deepEqual(await test.story('listener-west.backend'), ['ListenerCreated'])
  })
})

describe('commandId', () => {
  const reused = {
    code: 'CONFLICT',
    message: 'commandId: "command-1" is the id of another command: give each its own',
  }

  it('rejects another command of the same resource', async () => {
    await using test = await TestEngine.start()
    const first = await test.run(createListener('backend'), id)
    await assert.rejects(test.run(deleteListener('backend'), id), reused)
    await assert.rejects(test.run(updatePort('backend', 9090), id), reused)
    await assert.rejects(test.run(createListener('backend', { port: 9090 }), id), reused)
    assert.deepEqual(await test.run(createListener('backend'), id), first)
    assert.deepEqual(await test.story('listener-west.backend'), ['ListenerCreated'])
  })

  it('rejects a command of another resource, of any kind', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('backend'), id)
    await assert.rejects(test.run(createListener('other'), id), reused)
    await assert.rejects(test.run(createConnector('backend'), id), reused)
    assert.deepEqual(await test.story('listener-west.other'), [])
    assert.deepEqual(await test.story('connector-west.backend'), [])
  })

  it('rejects another command after one without effect', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('backend'))
    await test.run(updatePort('backend', 8080), id)
    await assert.rejects(test.run(updatePort('backend', 9090), id), reused)
    await assert.rejects(test.run(createConnector('backend'), id), reused)
    assert.deepEqual(await test.story('listener-west.backend'), ['ListenerCreated'])
  })

  it('rejects another command after a restart and a rebuild', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('backend'), id)
    await test.restart()
    await assert.rejects(test.run(deleteListener('backend'), id), reused)
    await test.stop()
    test.forgetReadModels()
    await test.startAgain()
    await assert.rejects(test.run(deleteListener('backend'), id), reused)
  })

  it('rejects another concurrent command, of the same or another resource', async () => {
    await using test = await TestEngine.start()
    const commands = [
      createListener('backend'),
      updatePort('backend', 9090),
      createListener('other'),
      createConnector('c'),
    ]
    const outcomes = await Promise.allSettled(commands.map(command => test.run(command as never, id)))
    assert.deepEqual(
      outcomes.map(outcome => (outcome.status === 'rejected' ? outcome.reason.code : 'done')),
      ['done', 'CONFLICT', 'CONFLICT', 'CONFLICT'],
    )
    assert.deepEqual(
      (await test.log()).map(({ type }) => type),
      ['EndpointReserved', 'ListenerCreated'],
    )
  })

  it('accepts the same command with settings in another order', async () => {
    await using test = await TestEngine.start()
    const settings = { observer: 'auto' as const, mode: 'x', weight: '1' }
    const first = await test.run(createListener('backend', { settings }), id)
    const { weight, mode, observer } = settings
    assert.deepEqual(await test.run(createListener('backend', { settings: { weight, mode, observer } }), id), first)
  })

  it('rejects a command of another resource in logs without command hashes', async () => {
    await using test = await TestEngine.start()
    const { metadata, ...event } = {
      id: '6b8a2a0e-64a5-4b5c-a5b4-0d8f6c1b1f12',
      type: 'ListenerCreated',
      data: { namespace: 'west', name: 'backend', uid: 'uid-1', spec: listenerSpec() },
      metadata: { schemaVersion: 1, actor: 'alice', correlationId: ALICE.correlationId, ...id },
    }
    const { position } = await test.store.append('listener-west.backend', -1, [{ ...event, metadata }])
    await until(() => test.engine.read.head().position >= position)
    assert.equal((await test.run(createListener('backend'), id)).position, position)
    await assert.rejects(test.run(createListener('other'), id), reused)
  })
})
