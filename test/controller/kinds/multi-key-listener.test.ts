import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { freePort, holdPort } from '../../contract/router/fixtures.ts'
import { wordFrom, workload } from '../../contract/router/workload.ts'
import { eventually } from '../../fakes/virtual-clock.ts'
import { RouterTestbed, WEST } from '../../support/router-testbed.ts'

const SHOWN = `{
  spec { port }
  status {
    status message hasDestination
    strategy { priority { routingKeysReachable } weighted { routingKeysReachable } }
  }
}`
const CREATE = `mutation ($input: CreateMultiKeyListenerInput!) { createMultiKeyListener(input: $input) { position } }`
const UPDATE = `mutation ($input: UpdateMultiKeyListenerInput!) { updateMultiKeyListener(input: $input) { position } }`
const DELETE = `mutation ($input: DeleteInput!) { deleteMultiKeyListener(input: $input) { position } }`
const GET = `query ($namespace: String!, $name: String!) { multiKeyListener(namespace: $namespace, name: $name) ${SHOWN} }`
const ADDRESS = 'io.skupper.router.listenerAddress'

describe('a MultiKeyListener at a router', { concurrency: true }, () => {
  let testbed: RouterTestbed
  before(async () => {
    testbed = await RouterTestbed.start()
    await testbed.settled()
  })
  after(() => testbed[Symbol.asyncDispose]())

  const create = async (name: string, strategy: object, port: number) => {
    await testbed.data(CREATE, { input: { namespace: WEST, name, spec: { host: '127.0.0.1', port, strategy } } })
  }
  const update = (name: string, strategy: object, port: number) =>
    testbed.data(UPDATE, { input: { namespace: WEST, name, spec: { host: '127.0.0.1', port, strategy } } })
  const status = async (name: string) => (await testbed.data(GET, { namespace: WEST, name })).multiKeyListener?.status
  const becomes = (name: string, wanted: string, reachable: object = {}) =>
    eventually(async () => {
      const { status: is, message, strategy } = await status(name)
      const { routingKeysReachable } = strategy.priority ?? strategy.weighted
      return `${is}: ${message}` === wanted && JSON.stringify(routingKeysReachable) === JSON.stringify(reachable)
    })
  const addresses = (name: string) =>
    testbed.west
      .reports('listenerAddress')
      .filter(({ listener }) => listener === `multiAddress/${name}`)
      .map(({ name, address, value }) => [name, address, value])
      .sort()
  const entity = (name: string) =>
    testbed.west.reports('tcpListener').find(each => each.name === `multiAddress/${name}`)
  const eventsOf = async (name: string) =>
    (await testbed.events(WEST)).filter(({ data }) => data.name === name).map(({ type }) => type)

  test('sends connections to the first reachable routing key, and back when it returns', async () => {
    await using first = await workload('first')
    await using second = await workload('second')
    const port = await freePort()
    await create('failover', { priority: { routingKeys: ['fo-one', 'fo-two'] } }, port)
    await becomes('failover', 'Pending: Not operational', [])
    assert.deepEqual(addresses('failover'), [
      ['failover/fo-one', 'fo-one', 1],
      ['failover/fo-two', 'fo-two', 0],
    ])
    const { address, multiAddressStrategy, observer, authenticatePeer } = entity('failover') ?? {}
    assert.deepEqual(
      [address, multiAddressStrategy, observer, authenticatePeer],
      [undefined, 'priority', 'auto', false],
    )

    await testbed.createConnector('fo-two', { port: second.port })
    await becomes('failover', 'Ready: OK', ['fo-two'])
    assert.equal(await wordFrom(port), 'second')
    await testbed.createConnector('fo-one', { port: first.port })
    await becomes('failover', 'Ready: OK', ['fo-one', 'fo-two'])
    assert.equal(await wordFrom(port), 'first')
    await testbed.deleteConnector('fo-one')
    await becomes('failover', 'Ready: OK', ['fo-two'])
    assert.equal(await wordFrom(port), 'second')
    await testbed.deleteConnector('fo-two')
    await becomes('failover', 'Pending: Not operational', [])
    assert.deepEqual((await eventsOf('failover')).slice(0, 3), [
      'MultiKeyListenerCreated',
      'MultiKeyListenerAccepted',
      'MultiKeyListenerOpened',
    ])
  })

  test('shares connections by weight, also after a change of weights', async () => {
    await using one = await workload('one')
    await using two = await workload('two')
    const port = await freePort()
    await testbed.createConnector('w-one', { port: one.port })
    await testbed.createConnector('w-two', { port: two.port })
    await create('weights', { weighted: { routingKeys: { 'w-one': 1, 'w-two': 0 } } }, port)
    await becomes('weights', 'Ready: OK', { 'w-one': 1, 'w-two': 0 })
    assert.deepEqual(await Promise.all([wordFrom(port), wordFrom(port)]), ['one', 'one'])
    const creations = testbed.west.creationCount('multiAddress/weights')
    await update('weights', { weighted: { routingKeys: { 'w-one': 0, 'w-two': 5 } } }, port)
    await becomes('weights', 'Ready: OK', { 'w-one': 0, 'w-two': 5 })
    await eventually(() => JSON.stringify(addresses('weights').map(([, , value]) => value)) === '[0,5]')
    assert.deepEqual(await Promise.all([wordFrom(port), wordFrom(port)]), ['two', 'two'])
    assert.equal(testbed.west.creationCount('multiAddress/weights'), creations)
  })

  test('moves to another port with its addresses, and leaves nothing behind when deleted', async () => {
    await using target = await workload('moved')
    const [port, next] = [await freePort(), await freePort()]
    await testbed.createConnector('mv', { port: target.port })
    await create('moving', { priority: { routingKeys: ['mv', 'mv-other'] } }, port)
    await becomes('moving', 'Ready: OK', ['mv'])
    await update('moving', { priority: { routingKeys: ['mv-new', 'mv'] } }, next)
    await eventually(async () => (await status('moving')).status === 'Ready' && entity('moving')?.port === String(next))
    assert.equal(await wordFrom(next), 'moved')
    assert.deepEqual(addresses('moving'), [
      ['moving/mv', 'mv', 0],
      ['moving/mv-new', 'mv-new', 1],
    ])
    const refused = (await eventsOf('moving')).filter(type => type === 'MultiKeyListenerRefused')
    assert.deepEqual(refused, [])
    await testbed.data(DELETE, { input: { namespace: WEST, name: 'moving' } })
    await eventually(() => entity('moving') === undefined && addresses('moving').length === 0)
  })

  test('restores an address that is deleted at the router', async () => {
    await testbed.createConnector('dr')
    await create('drifting', { priority: { routingKeys: ['dr', 'dr-other'] } }, await freePort())
    await becomes('drifting', 'Ready: OK', ['dr'])
    await testbed.west.manage('DELETE', ADDRESS, 'drifting/dr-other')
    await eventually(async () => (await eventsOf('drifting')).includes('MultiKeyListenerDrifted'))
    await becomes('drifting', 'Ready: OK', ['dr'])
    assert.deepEqual(addresses('drifting'), [
      ['drifting/dr', 'dr', 1],
      ['drifting/dr-other', 'dr-other', 0],
    ])
    const drift = (await testbed.events(WEST)).find(({ type }) => type === 'MultiKeyListenerDrifted')
    assert.equal(drift?.data.message, 'The router no longer has listenerAddress drifting/dr-other')
  })

  test('reports a port that another process uses, until it is free', async () => {
    await using held = await holdPort()
    await testbed.createConnector('tk')
    await create('taken', { priority: { routingKeys: ['tk'] } }, held.port)
    await becomes('taken', `Error: Address already in use - listen on 127.0.0.1:${held.port}`, ['tk'])
    const tries = testbed.west.creationCount('multiAddress/taken')
    await eventually(() => testbed.west.creationCount('multiAddress/taken') >= tries + 2)
    await held[Symbol.asyncDispose]()
    await becomes('taken', 'Ready: OK', ['tk'])
    assert.ok(!(await eventsOf('taken')).includes('MultiKeyListenerRefused'))
  })

  for (const name of ['listener', 'connector'])
    test(`named ${name} leaves the names of other entities to them`, async () => {
      await using target = await workload(name)
      const key = `named-${name}`
      const port = await freePort()
      await testbed.createConnector(key, { port: target.port })
      await create(name, { priority: { routingKeys: [key] } }, port)
      await testbed.createListener(key, { port: await freePort() })
      await becomes(name, 'Ready: OK', [key])
      await eventually(async () => (await testbed.listener(key)).status.status === 'Ready')
      assert.deepEqual(addresses(name), [[`multiAddress/${name}/${key}`, key, 0]])
      assert.equal(await wordFrom(port), name)
    })

  test('replaces an address that has the name of an earlier version', async () => {
    await testbed.createConnector('former')
    await create('connector.former', { priority: { routingKeys: ['former'] } }, await freePort())
    await becomes('connector.former', 'Ready: OK', ['former'])
    const former = { address: 'former', value: 3, listener: 'multiAddress/connector.former' }
    await testbed.west.manage('CREATE', ADDRESS, 'multiAddress/connector.former/former', former)
    await eventually(() => JSON.stringify(addresses('connector.former')) === '[["connector.former/former","former",0]]')
  })

  test('leaves addresses of other listeners alone', async () => {
    const other = { host: '127.0.0.1', port: String(await freePort()), multiAddressStrategy: 'priority' }
    await testbed.west.manage('CREATE', 'io.skupper.router.tcpListener', 'theirs', other)
    await testbed.west.manage('CREATE', ADDRESS, 'theirs/key', { address: 'key', value: 1, listener: 'theirs' })
    await testbed.createConnector('own')
    await create('own', { priority: { routingKeys: ['own'] } }, await freePort())
    await becomes('own', 'Ready: OK', ['own'])
    assert.equal(await testbed.west.manage('DELETE', ADDRESS, 'theirs/key'), 204)
  })
})
