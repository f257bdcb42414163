import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { InvalidAppend } from '../../../src/event-store/event-store.ts'
import { unanswered } from '../../fakes/faulty-store.ts'
import { createListener, deleteListener, updateHost, updatePort } from '../../support/commands.ts'
import { TestEngine } from '../../support/test-engine.ts'

const id = { commandId: 'command-1' }

/** The store is gone as soon as an endpoint is claimed: what the claim was made for is never appended. */
const dieAfterClaim = (test: TestEngine): void => {
  test.store.beforeAppend = stream => {
    if (!stream.startsWith('endpoint-')) unanswered()
  }
}

const recover = (test: TestEngine): void => {
  test.store.beforeAppend = () => {}
}

/** A listener that was about to be created at `shop` when the store went away. */
const begunCreation = async (): Promise<TestEngine> => {
  const test = await TestEngine.start()
  dieAfterClaim(test)
  await assert.rejects(test.run(createListener('a', { host: 'shop' }), id), { code: 'UNAVAILABLE' })
  recover(test)
  assert.deepEqual(await test.story('endpoint-west.shop:8080'), ['EndpointReserved'])
  assert.deepEqual(await test.story('listener-west.a'), [])
  return test
}

describe('an endpoint reservation without its append', () => {
  it('is completed by the next command for the endpoint, which is rejected', async () => {
    await using test = await begunCreation()
    await assert.rejects(test.run(createListener('b', { host: 'shop' })), { code: 'ALREADY_EXISTS' })
    assert.equal(test.engine.read.resource('Listener', 'west', 'a')?.spec.host, 'shop')
    assert.equal(test.engine.read.resource('Listener', 'west', 'b'), undefined)
  })

  it('is completed by the next engine that starts', async () => {
    await using test = await begunCreation()
    await test.restart()
    assert.equal(test.engine.read.resource('Listener', 'west', 'a')?.spec.host, 'shop')
    await assert.rejects(test.run(createListener('b', { host: 'shop' })), { code: 'ALREADY_EXISTS' })
  })

  it('is completed once by a repeated command', async () => {
    await using test = await begunCreation()
    const { row } = await test.run(createListener('a', { host: 'shop' }), id)
    assert.equal(row?.spec.host, 'shop')
    assert.deepEqual(await test.story('listener-west.a'), ['ListenerCreated'])
  })

  it('returns its result to a repeated command after another engine completed it', async () => {
    await using test = await begunCreation()
    await test.restart()
    const { uid } = test.engine.read.resource('Listener', 'west', 'a') ?? {}
    assert.equal((await test.run(createListener('a', { host: 'shop' }), id)).uid, uid)
    assert.deepEqual(await test.story('listener-west.a'), ['ListenerCreated'])
  })

  it('keeps no engine from starting or stopping if it cannot be completed', async () => {
    await using test = await begunCreation()
    test.store.beforeAppend = stream => {
      if (stream === 'listener-west.a') throw new InvalidAppend('the stream was deleted for good')
    }
    await test.restart()
    const { row } = await test.run(createListener('b', { host: 'other' }))
    assert.equal(row?.spec.host, 'other')
    recover(test)
  })

  it('frees the endpoint after another change of its listener', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('a', { host: 'first' }))
    dieAfterClaim(test)
    await assert.rejects(test.run(updateHost('a', 'shop')), { code: 'UNAVAILABLE' })
    recover(test)
    await test.run(updatePort('a', 9090))
    await test.run(createListener('b', { host: 'shop', port: 8080 }))
    assert.equal(test.engine.read.resource('Listener', 'west', 'a')?.spec.host, 'first')
    await test.restart()
    assert.equal(test.engine.read.resource('Listener', 'west', 'a')?.spec.host, 'first')
  })

  it('frees the endpoint after the deletion of its listener', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('a', { host: 'first' }))
    dieAfterClaim(test)
    await assert.rejects(test.run(updateHost('a', 'shop')), { code: 'UNAVAILABLE' })
    recover(test)
    await test.run(deleteListener('a'))
    await test.run(createListener('b', { host: 'shop' }))
    assert.deepEqual(await test.story('listener-west.a'), ['ListenerCreated', 'ListenerDeleted'])
  })

  it('frees the previous endpoint once it is completed', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('a', { host: 'first' }))
    dieAfterClaim(test)
    await assert.rejects(test.run(updateHost('a', 'shop')), { code: 'UNAVAILABLE' })
    recover(test)
    await assert.rejects(test.run(createListener('b', { host: 'first' })), { code: 'ALREADY_EXISTS' })
    await assert.rejects(test.run(createListener('b', { host: 'shop' })), { code: 'ALREADY_EXISTS' })
    await test.run(createListener('b', { host: 'first' }))
    assert.equal(test.engine.read.resource('Listener', 'west', 'a')?.spec.host, 'shop')
  })
})
