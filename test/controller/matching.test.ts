import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { freePort } from '../contract/router/fixtures.ts'
import { clock, eventually } from '../fakes/virtual-clock.ts'
import { conditionOf, isReady, PENDING, READY, RouterTestbed, summaryOf } from '../support/router-testbed.ts'

describe('Matched', { concurrency: true }, () => {
  let testbed: RouterTestbed
  before(async () => {
    testbed = await RouterTestbed.start()
    await testbed.settled()
  })
  after(() => testbed[Symbol.asyncDispose]())

  test('is False without a connector', async () => {
    const watch = await testbed.watch('alone')
    await testbed.createListener('alone', { port: await freePort() })
    const { listener } = await watch.until(seen => conditionOf(seen, 'Configured').status === 'True')
    assert.equal(summaryOf(listener), PENDING)
    const matched = conditionOf(listener, 'Matched')
    assert.deepEqual([matched.reason, matched.message], ['Pending', 'No matching connectors'])
  })

  test('becomes True with a connector at the remote site', async () => {
    const watch = await testbed.watch('joined')
    await testbed.createListener('joined', { port: await freePort() })
    await watch.until(seen => summaryOf(seen) === PENDING)
    await testbed.createConnector('joined')
    const reportedAt = new Promise<number>(resolve => {
      const look = setInterval(() => {
        const isUp = testbed.west
          .reports('tcpListener')
          .some(({ name, operStatus }) => name === 'listener/joined' && operStatus === 'up')
        if (!isUp) return
        clearInterval(look)
        resolve(clock.now())
      }, 5)
    })
    const { at, listener } = await watch.until(isReady)
    assert.equal(summaryOf(listener), READY)
    assert.ok(at - (await reportedAt) < 1500, `it took ${at - (await reportedAt)} ms`)
    const [connector, ...others] = listener.matchingConnectors
    assert.deepEqual(others, [])
    assert.match(connector?.since ?? '', /^\d{4}-/)
    assert.deepEqual(
      { ...connector, since: '' },
      { name: 'joined', site: 'east', host: '127.0.0.1', port: '9090', since: '' },
    )
    assert.deepEqual(watch.summaries().slice(-2), [PENDING, READY])
  })

  test('becomes False when the connector is deleted', async () => {
    const watch = await testbed.watch('left')
    await testbed.createConnector('left')
    await testbed.createListener('left', { port: await freePort() })
    const { at } = await watch.until(isReady)
    await testbed.deleteConnector('left')
    await watch.until(seen => !isReady(seen), { since: at })
    const { listener } = await watch.until(seen => summaryOf(seen) === PENDING, { since: at })
    assert.deepEqual(listener.matchingConnectors, [])
  })

  test('stays True when one of two connectors is deleted', async () => {
    const watch = await testbed.watch('two')
    await testbed.createConnector('two-a', { routingKey: 'two', port: 9091 })
    await testbed.createConnector('two-b', { routingKey: 'two', port: 9092 })
    await testbed.createListener('two', { port: await freePort() })
    const { at } = await watch.until(listener => isReady(listener) && listener.matchingConnectors.length === 2)
    await testbed.deleteConnector('two-a')
    const { listener } = await watch.until(({ matchingConnectors }) => matchingConnectors.length === 1, { since: at })
    assert.equal(summaryOf(listener), READY)
    assert.equal(listener.matchingConnectors[0]?.name, 'two-b')
    assert.deepEqual(watch.summaries(at), [READY])
  })

  test('becomes True with a connector that Hark did not create', async () => {
    const watch = await testbed.watch('foreign')
    await testbed.createListener('foreign', { port: await freePort() })
    await watch.until(seen => summaryOf(seen) === PENDING)
    const attributes = { host: '10.1.2.3', port: '8081', address: 'foreign' }
    await testbed.east.manage('CREATE', 'io.skupper.router.tcpConnector', 'made-by-hand', attributes)
    const { listener } = await watch.until(isReady)
    const [{ since: _, ...connector } = { since: '' }] = listener.matchingConnectors
    assert.deepEqual(connector, { name: 'made-by-hand', site: 'east', host: '10.1.2.3', port: '8081' })
    assert.ok(testbed.entityNames(testbed.east, 'tcpConnector').includes('made-by-hand'))
  })

  test('follows the connector of an AttachedConnectorBinding, which is gone without its AttachedConnector', async () => {
    const watch = await testbed.watch('attached')
    await testbed.createListener('attached', { port: await freePort() })
    const { listener } = await watch.until(seen => summaryOf(seen) === PENDING)
    assert.equal(conditionOf(listener, 'Matched').message, 'No matching connectors')
    const pod = { host: '10.1.2.4', port: '8081', address: 'attached' }
    await testbed.east.manage('CREATE', 'io.skupper.router.tcpConnector', 'attached@10.1.2.4', pod)
    const { at } = await watch.until(isReady)
    await testbed.east.manage('DELETE', 'io.skupper.router.tcpConnector', 'attached@10.1.2.4')
    const { listener: left } = await watch.until(seen => summaryOf(seen) === PENDING, { since: at })
    assert.deepEqual(left.matchingConnectors, [])
  })

  test('removes a connector with a name of its own that another controller creates', async () => {
    const pod = { host: '10.1.2.5', port: '8081', address: 'bound' }
    await testbed.east.manage('CREATE', 'io.skupper.router.tcpConnector', 'connector/bound@10.1.2.5', pod)
    const names = () => testbed.entityNames(testbed.east, 'tcpConnector')
    await eventually(() => !names().includes('connector/bound@10.1.2.5'))
  })

  test('creates a tcpListener for each target on the network', async () => {
    const watch = await testbed.watch('pods')
    await testbed.createListener('pods', { port: 8080, host: 'pods', exposePodsByName: true })
    const extra = () =>
      testbed.entityNames(testbed.west, 'tcpListener').filter(name => name.startsWith('listener/pods@'))
    const create = (target: string) =>
      testbed.east.manage('CREATE', 'io.skupper.router.tcpConnector', `by-hand@${target}`, {
        host: '10.1.2.3',
        port: '8081',
        address: `pods.${target}`,
      })
    await Promise.all([create('pod-1'), create('pod-2')])
    await eventually(() => extra().join() === 'listener/pods@pod-1,listener/pods@pod-2')
    // The simulated routers are where the tests are: no such host is there to listen on.
    await watch.until(({ status }) => /^target pod-1: .*; target pod-2: /.test(status.message))
    const one = testbed.west.reports('tcpListener').find(({ name }) => name === 'listener/pods@pod-1')
    assert.deepEqual([one?.host, one?.port, one?.address], ['pod-1', '8080', 'pods.pod-1'])
    await testbed.east.manage('DELETE', 'io.skupper.router.tcpConnector', 'by-hand@pod-1')
    await eventually(() => extra().join() === 'listener/pods@pod-2')
    await testbed.data('mutation ($input: DeleteInput!) { deleteListener(input: $input) { uid } }', {
      input: { namespace: 'west', name: 'pods' },
    })
    await eventually(() => extra().length === 0)
  })

  test('gives the host and port of a target to a declared listener, and reports it', async () => {
    const port = await freePort()
    const [targets, declared] = [await testbed.watch('shards'), await testbed.watch('holder')]
    await testbed.createListener('shards', { port, host: '127.0.0.3', exposePodsByName: true })
    await testbed.east.manage('CREATE', 'io.skupper.router.tcpConnector', 'by-hand@shard', {
      host: '10.1.2.3',
      port: '8081',
      address: 'shards.127.0.0.1',
    })
    const targetSocket = () =>
      testbed.west.reports('tcpListener').find(({ name }) => name === 'listener/shards@127.0.0.1')?.operStatus
    await eventually(() => targetSocket() === 'up')
    await testbed.createConnector('holder')
    await testbed.createListener('holder', { port, host: '127.0.0.1' })
    await declared.until(isReady)
    assert.ok(!declared.summaries().some(summary => summary.includes('Error')))
    const { listener } = await targets.until(({ status }) => status.status === 'Error')
    assert.equal(
      listener.status.message,
      `target 127.0.0.1: host 127.0.0.1 and port ${port} are taken by listener holder`,
    )
    assert.equal(conditionOf(listener, 'Configured').status, 'False')
    assert.equal(targetSocket(), undefined)
    const since = clock.now()
    await testbed.data('mutation ($input: DeleteInput!) { deleteListener(input: $input) { uid } }', {
      input: { namespace: 'west', name: 'holder' },
    })
    await targets.until(({ status }) => status.status !== 'Error', { since })
    await eventually(() => targetSocket() === 'up')
  })
})
