import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { unanswered } from '../../fakes/faulty-store.ts'
import {
  createConnector,
  createListener,
  deleteConnector,
  deleteListener,
  updateConnector,
  updateHost,
  updatePort,
  updateRoutingKey,
} from '../../support/commands.ts'
import { ALICE, TestEngine } from '../../support/test-engine.ts'

describe('execute', () => {
  it('returns the resource as the read side shows it', async () => {
    await using test = await TestEngine.start()
    const { row, uid, position, eventType } = await test.run(createListener('backend'))
    assert.equal(eventType, 'ListenerCreated')
    assert.equal(row?.uid, uid)
    assert.equal(row?.resourceVersion, position)
    assert.deepEqual(test.engine.read.resource('Listener', 'west', 'backend'), row)
    assert.ok(test.engine.read.head().position >= position)

    const moved = await test.run(updatePort('backend', 9090))
    assert.equal(moved.row?.spec.port, 9090)
    assert.equal(moved.row?.generation, 2)
    assert.deepEqual(test.engine.read.resource('Listener', 'west', 'backend'), moved.row)
  })

  it('returns no resource after its deletion', async () => {
    await using test = await TestEngine.start()
    const created = await test.run(createConnector('backend'))
    const { row, uid, eventType } = await test.run(deleteConnector('backend'))
    assert.deepEqual([row, uid, eventType], [undefined, created.uid, 'ConnectorDeleted'])
    assert.equal(test.engine.read.resource('Connector', 'west', 'backend'), undefined)
  })

  it('resolves once the event is on disk', async () => {
    await using test = await TestEngine.start()
    await Promise.all(['a', 'b', 'c'].map(name => test.run(createListener(name))))
    const answered = await test.run(updatePort('a', 9090))
    await using after = await test.crashed()
    assert.deepEqual(after.engine.read.resource('Listener', 'west', 'a'), answered.row)
    assert.equal(after.engine.read.resources('Listener', { namespace: 'west' }, { first: 10 }).totalCount, 3)
  })

  it('appends no event for a command without effect', async () => {
    await using test = await TestEngine.start()
    const { row } = await test.run(createListener('backend'))
    const before = await test.log()
    const unchanged = await test.run(updatePort('backend', 8080))
    assert.deepEqual([unchanged.row, unchanged.eventType], [row, undefined])
    assert.deepEqual(await test.log(), before)
  })

  it('appends no event for a rejected command', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('backend'))
    await test.run(createConnector('backend'))
    const before = await test.log()
    await assert.rejects(test.run(createListener('backend')), { code: 'ALREADY_EXISTS' })
    await assert.rejects(test.run(updatePort('nobody', 1)), { code: 'NOT_FOUND' })
    await assert.rejects(test.run(deleteListener('nobody')), { code: 'NOT_FOUND' })
    await assert.rejects(test.run(updateConnector('backend', { type: 'udp' })), { code: 'IMMUTABLE_FIELD' })
    assert.deepEqual(await test.log(), before)
  })

  it('records actor and correlation id in its events', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('backend'), { commandId: 'command-1' })
    const log = await test.log()
    assert.deepEqual(
      log.map(({ type }) => type),
      ['EndpointReserved', 'ListenerCreated'],
    )
    for (const { metadata } of log) {
      assert.equal(metadata.actor, ALICE.actor)
      assert.equal(metadata.correlationId, ALICE.correlationId)
    }
    assert.equal(log[1]?.metadata.commandId, 'command-1')
  })

  it('rejects a command that is too large for an append', async () => {
    await using test = await TestEngine.start()
    const settings = { observer: 'auto', large: 'x'.repeat(2_000_000) } as const
    await assert.rejects(test.run(createListener('backend', { settings })), { code: 'BAD_USER_INPUT' })
    await assert.rejects(test.run(createConnector('backend', { settings })), { code: 'BAD_USER_INPUT' })
    await test.run(createListener('backend'))
  })
})

describe('execute with concurrent commands of one listener', () => {
  it('executes all, one after the other', async () => {
    await using test = await TestEngine.start()
    const { uid } = await test.run(createListener('backend'))
    const ports = Array.from({ length: 150 }, (_, index) => 9000 + index)
    const answers = await Promise.all(ports.map(port => test.run(updatePort('backend', port))))
    assert.deepEqual(
      answers.map(({ uid }) => uid),
      ports.map(() => uid),
    )
    const story = await test.stream('listener-west.backend')
    assert.deepEqual(
      story.map(({ revision }) => revision),
      Array.from({ length: 151 }, (_, index) => index),
    )
    assert.deepEqual(
      story
        .slice(1)
        .map(({ data }) => data as { port: number; generation: number })
        .map(({ port, generation }) => [port, generation]),
      ports.map((port, index) => [port, index + 2]),
    )
    assert.equal(test.engine.read.resource('Listener', 'west', 'backend')?.spec.port, ports.at(-1))
  })

  it('keeps their order across deletion and creation', async () => {
    await using test = await TestEngine.start()
    const outcomes = await Promise.allSettled([
      test.run(createListener('backend')),
      test.run(updateRoutingKey('backend', 'api')),
      test.run(createListener('backend')),
      test.run(deleteListener('backend')),
      test.run(updateHost('backend', 'api')),
      test.run(createListener('backend')),
    ])
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled'],
    )
    assert.deepEqual(await test.story('listener-west.backend'), [
      'ListenerCreated',
      'RoutingKeyUpdated',
      'ListenerDeleted',
      'ListenerCreated',
    ])
    assert.equal(test.engine.read.resource('Listener', 'west', 'backend')?.generation, 1)
  })

  it('executes all on two engines', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('backend'))
    const other = await test.startAnother()
    const ports = Array.from({ length: 40 }, (_, index) => 9000 + index)
    await Promise.all(
      ports.map((port, index) =>
        (index % 2 === 0 ? test.engine : other).execute(updatePort('backend', port), { caller: ALICE }),
      ),
    )
    const story = await test.stream('listener-west.backend')
    assert.deepEqual(
      story
        .slice(1)
        .map(({ data }) => (data as { port: number }).port)
        .sort(),
      ports,
    )
    assert.equal(test.engine.read.resource('Listener', 'west', 'backend')?.generation, 41)
  })
})

describe('execute of a command without effect after a pending one', () => {
  it('resolves once the pending one is durable and shown', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('backend'))
    const [, moved, same] = await Promise.all([
      test.run(updateRoutingKey('backend', 'api')),
      test.run(updatePort('backend', 9090)),
      test.run(updatePort('backend', 9090)),
    ])
    assert.deepEqual([same.row, same.eventType], [moved.row, undefined])
  })

  it('is not rejected for a pending command that fails', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('backend'))
    let appends = 0
    test.store.beforeAppend = () => {
      appends += 1
      if (appends === 2) unanswered()
    }
    const outcomes = await Promise.allSettled([
      test.run(updateRoutingKey('backend', 'api')),
      test.run(deleteListener('backend')),
      test.run(updatePort('backend', 9090)),
    ])
    assert.deepEqual(
      outcomes.map(outcome => (outcome.status === 'rejected' ? outcome.reason.code : 'done')),
      ['done', 'UNAVAILABLE', 'UNAVAILABLE'],
    )
  })
})
