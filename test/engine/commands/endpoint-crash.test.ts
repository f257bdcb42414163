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

describe('a change that died between its claim and its append', () => {
  it('is finished by whoever meets the claim, who then finds the endpoint taken', async () => {
    await using test = await begunCreation()
    await assert.rejects(test.run(createListener('b', { host: 'shop' })), { code: 'ALREADY_EXISTS' })
    assert.equal(test.engine.read.listener('west', 'a')?.spec.host, 'shop')
    assert.equal(test.engine.read.listener('west', 'b'), undefined)
  })

  it('is finished by the next engine that starts', async () => {
    await using test = await begunCreation()
    await test.restart()
    assert.equal(test.engine.read.listener('west', 'a')?.spec.host, 'shop')
    await assert.rejects(test.run(createListener('b', { host: 'shop' })), { code: 'ALREADY_EXISTS' })
  })

  it('is finished by its caller, who sends it again, and happens once', async () => {
    await using test = await begunCreation()
    const { row } = await test.run(createListener('a', { host: 'shop' }), id)
    assert.equal(row?.spec.host, 'shop')
    assert.deepEqual(await test.story('listener-west.a'), ['ListenerCreated'])
  })

  it('is answered to its caller as done where somebody else has finished it', async () => {
    await using test = await begunCreation()
    await test.restart()
    const { uid } = test.engine.read.listener('west', 'a') ?? {}
    assert.equal((await test.run(createListener('a', { host: 'shop' }), id)).uid, uid)
    assert.deepEqual(await test.story('listener-west.a'), ['ListenerCreated'])
  })

  it('that never can be finished, whatever the reason, keeps no engine from starting, or from ending', async () => {
    await using test = await begunCreation()
    test.store.beforeAppend = stream => {
      if (stream === 'listener-west.a') throw new InvalidAppend('the stream was deleted for good')
    }
    await test.restart()
    const { row } = await test.run(createListener('b', { host: 'other' }))
    assert.equal(row?.spec.host, 'other')
    recover(test)
  })

  it('is void once its listener has changed otherwise: the endpoint is free', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('a', { host: 'first' }))
    dieAfterClaim(test)
    await assert.rejects(test.run(updateHost('a', 'shop')), { code: 'UNAVAILABLE' })
    recover(test)
    await test.run(updatePort('a', 9090))
    await test.run(createListener('b', { host: 'shop', port: 8080 }))
    assert.equal(test.engine.read.listener('west', 'a')?.spec.host, 'first')
    await test.restart()
    assert.equal(test.engine.read.listener('west', 'a')?.spec.host, 'first')
  })

  it('is void once its listener is gone: the endpoint is free', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('a', { host: 'first' }))
    dieAfterClaim(test)
    await assert.rejects(test.run(updateHost('a', 'shop')), { code: 'UNAVAILABLE' })
    recover(test)
    await test.run(deleteListener('a'))
    await test.run(createListener('b', { host: 'shop' }))
    assert.deepEqual(await test.story('listener-west.a'), ['ListenerCreated', 'ListenerDeleted'])
  })

  it('leaves no listener in two places: the one that it left is free when it is finished', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('a', { host: 'first' }))
    dieAfterClaim(test)
    await assert.rejects(test.run(updateHost('a', 'shop')), { code: 'UNAVAILABLE' })
    recover(test)
    await assert.rejects(test.run(createListener('b', { host: 'first' })), { code: 'ALREADY_EXISTS' })
    await assert.rejects(test.run(createListener('b', { host: 'shop' })), { code: 'ALREADY_EXISTS' })
    await test.run(createListener('b', { host: 'first' }))
    assert.equal(test.engine.read.listener('west', 'a')?.spec.host, 'shop')
  })
})
