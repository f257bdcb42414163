import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createConnector, createListener, deleteListener, updateConnector, updateHost, updatePort } from './commands.ts'
import { ALICE, TestEngine } from './test-engine.ts'
import { unanswered } from './troubled-store.ts'

const id = { commandId: 'command-1' }

describe('a command sent again with its id', () => {
  it('is answered as the first time, and adds no event', async () => {
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

  it('is answered so though the resource has changed since, or is gone', async () => {
    await using test = await TestEngine.start()
    const first = await test.run(createListener('backend'), id)
    await test.run(updatePort('backend', 9090))
    assert.deepEqual(await test.run(createListener('backend'), id), first)
    await test.run(deleteListener('backend'))
    assert.deepEqual(await test.run(createListener('backend'), id), first)
    assert.equal(test.engine.read.listener('west', 'backend'), undefined)
  })

  it('is answered so after a restart, and after a crash', async () => {
    await using test = await TestEngine.start()
    const first = await test.run(createListener('backend'), id)
    await test.run(deleteListener('backend'))
    await using after = await test.crashed()
    assert.deepEqual(await after.run(createListener('backend'), id), first)
    await after.restart()
    assert.deepEqual(await after.run(createListener('backend'), id), first)
    assert.deepEqual(await after.story('listener-west.backend'), ['ListenerCreated', 'ListenerDeleted'])
  })

  it('is answered so of a connector', async () => {
    await using test = await TestEngine.start()
    await test.run(createConnector('backend'))
    const first = await test.run(updateConnector('backend', { port: 9090 }), id)
    await test.run(updateConnector('backend', { port: 9091 }))
    assert.deepEqual(await test.run(updateConnector('backend', { port: 9090 }), id), first)
  })

  it('is answered so where it had nothing to do', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('backend'))
    const first = await test.run(updatePort('backend', 8080), id)
    await test.run(updatePort('backend', 9090))
    assert.deepEqual(await test.run(updatePort('backend', 8080), id), first)
    assert.equal(test.engine.read.listener('west', 'backend')?.spec.port, 9090)
  })

  it('is answered so though the version that it expected is long gone', async () => {
    await using test = await TestEngine.start()
    const { position } = await test.run(createListener('backend'))
    const options = { ...id, expectedResourceVersion: position }
    const first = await test.run(updatePort('backend', 9090), options)
    assert.deepEqual(await test.run(updatePort('backend', 9090), options), first)
  })

  it('is decided anew where it was refused', async () => {
    await using test = await TestEngine.start()
    await assert.rejects(test.run(updatePort('backend', 9090), id), { code: 'NOT_FOUND' })
    await test.run(createListener('backend'))
    assert.equal((await test.run(updatePort('backend', 9090), id)).row?.spec.port, 9090)
  })

  it('is done once where its first answer was lost', async () => {
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

describe('a command sent many times at once with its id', () => {
  it('is done once, and all are answered alike', async () => {
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

describe('a command id', () => {
  it('is of one resource: another command that has it is refused', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('backend'), id)
    await assert.rejects(test.run(createListener('other'), id), {
      code: 'BAD_USER_INPUT',
      message: 'commandId: "command-1" is the id of another command: give each its own',
    })
    assert.deepEqual(await test.story('listener-west.other'), [])
  })
})
