import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { freePort, holdPort } from '../contract/router/fixtures.ts'
import { clock, eventually } from '../fakes/virtual-clock.ts'
import { APPLY } from '../support/operations.ts'
import {
  conditionOf,
  isReady,
  onlyError,
  PENDING,
  READY,
  RouterTestbed,
  summaryOf,
  WEST,
} from '../support/router-testbed.ts'

const LISTENER = 'io.skupper.router.tcpListener'
const UPDATES = {
  updatePort: 'mutation ($input: UpdatePortInput!) { updatePort(input: $input) { position } }',
  updateHost: 'mutation ($input: UpdateHostInput!) { updateHost(input: $input) { position } }',
  updateRoutingKey: 'mutation ($input: UpdateRoutingKeyInput!) { updateRoutingKey(input: $input) { position } }',
}

describe('Configured', { concurrency: true }, () => {
  let testbed: RouterTestbed
  const files = new Set<string>()
  before(async () => {
    testbed = await RouterTestbed.start({ observers: ['none', 'auto'], fileExists: path => files.has(path) })
    await testbed.settled()
  })
  after(() => testbed[Symbol.asyncDispose]())

  const entity = (name: string) =>
    testbed.west.reports('tcpListener').find(listener => listener.name === `listener/${name}`)

  test('reports a port that another process uses, until it is free', async () => {
    await using held = await holdPort()
    const watch = await testbed.watch('taken')
    await testbed.createConnector('taken')
    await testbed.createListener('taken', { port: held.port })
    const { listener } = await watch.until(({ status }) => status.status === 'Error' && status.hasMatchingConnector)
    const { reason, message, status } = conditionOf(listener, 'Configured')
    assert.deepEqual([status, reason], ['False', 'Error'])
    assert.equal(message, `Address already in use - listen on 127.0.0.1:${held.port}`)
    assert.equal(conditionOf(listener, 'Ready').message, message)
    // It is tried again and again, and that is no news.
    const made = async () =>
      (await testbed.events(WEST)).filter(({ data }) => data.name === 'taken').map(({ type }) => type)
    const before = await made()
    const identity = () => testbed.west.creationCount('listener/taken')
    const tries = identity()
    await eventually(() => identity() >= tries + 2)
    assert.deepEqual(await made(), before)
    await held[Symbol.asyncDispose]()
    const freedAt = clock.now()
    const { at } = await watch.until(isReady)
    assert.ok(at - freedAt < 5000, `it took ${at - freedAt} ms`)
  })

  test('rejects the port of another listener of the namespace', async () => {
    const port = await freePort()
    await testbed.createListener('one', { port })
    const { extensions } = onlyError(await testbed.createListener('other', { port }))
    assert.equal(extensions.code, 'ALREADY_EXISTS')
    await eventually(() => entity('one') !== undefined)
    assert.equal(entity('other'), undefined)
  })

  test('reports an observer that the router does not support', async () => {
    const watch = await testbed.watch('observed')
    await testbed.createConnector('observed')
    await testbed.createListener('observed', { port: await freePort(), settings: { observer: 'http1' } })
    const { listener } = await watch.until(({ status }) => status.status === 'Error')
    const { status, reason, message } = conditionOf(listener, 'Configured')
    assert.deepEqual([status, reason], ['False', 'Error'])
    assert.equal(message, "io.skupper.router.tcpListener: Invalid value for enum['none', 'auto']: 'http1'")
  })

  test('reports TLS credentials whose files are missing, until they exist', async () => {
    const watch = await testbed.watch('secret')
    await testbed.createConnector('secret')
    await testbed.createListener('secret', { port: await freePort(), tlsCredentials: 'secret-tls' })
    const { listener } = await watch.until(({ status }) => status.status === 'Error')
    const { status, reason, message } = conditionOf(listener, 'Configured')
    assert.deepEqual([status, reason], ['False', 'Error'])
    const [, path = ''] = /caCertFile (\S+\/secret-tls\/ca\.crt) /.exec(message) ?? []
    assert.notEqual(path, '', message)
    const folder = path.slice(0, -'ca.crt'.length)
    for (const file of ['ca.crt', 'tls.crt', 'tls.key']) files.add(folder + file)
    const { at } = await watch.until(isReady)
    await testbed.data('mutation ($input: DeleteInput!) { deleteListener(input: $input) { uid } }', {
      input: { namespace: WEST, name: 'secret' },
    })
    assert.ok(at > 0)
    await eventually(() => !testbed.entityNames(testbed.west, 'sslProfile').includes('secret-tls'))
  })

  test('reports the entity of a replaced listener for its new uid', async () => {
    const watch = await testbed.watch('replaced')
    await testbed.createConnector('replaced')
    const spec = { routingKey: 'replaced', host: '127.0.0.1', port: await freePort() }
    await testbed.createListener('replaced', spec)
    await watch.until(isReady)
    const listener = { apiVersion: 'skupper.io/v2alpha1', kind: 'Listener', metadata: { name: 'replaced' } }
    const input = {
      namespace: WEST,
      replace: true,
      manifests: [{ ...listener, spec: { ...spec, exposePodsByName: true } }],
    }
    const { apply } = await testbed.data(APPLY, { input })
    assert.equal(apply.results[0].action, 'Replaced')
    const events = async () => (await testbed.events(WEST)).filter(({ data }) => data.name === 'replaced')
    const { uid } = (await events()).findLast(({ type }) => type === 'ListenerCreated')?.data ?? assert.fail()
    await eventually(async () =>
      (await events()).some(({ type, data }) => type === 'ListenerOpened' && data.uid === uid),
    )
    await eventually(async () => isReady(await testbed.listener('replaced')))
  })

  for (const [mutation, property, value] of [
    ['updatePort', 'port', freePort],
    ['updateHost', 'host', async () => '127.0.0.2'],
    ['updateRoutingKey', 'routingKey', async () => 'moved-elsewhere'],
  ] as const) {
    test(`replaces the tcpListener after a change of ${property}`, async () => {
      const name = `moved-${property.toLowerCase()}`
      const watch = await testbed.watch(name)
      await testbed.createConnector(name)
      if (property === 'routingKey') await testbed.createConnector('moved-elsewhere')
      await testbed.createListener(name, { port: await freePort() })
      const { listener: before } = await watch.until(isReady)
      const input = { namespace: WEST, name, [property]: await value() }
      await testbed.data(UPDATES[mutation], { input })
      const updatedAt = clock.now()
      const { listener, at } = await watch.until(seen => isReady(seen) && seen.metadata.generation === 2)
      for (const { observedGeneration } of listener.status.conditions) assert.equal(observedGeneration, 2)
      const spec = { ...before.spec, [property]: input[property] }
      const { host, port, address } = entity(name) ?? {}
      assert.deepEqual({ host, port, address }, { host: spec.host, port: `${spec.port}`, address: spec.routingKey })
      assert.equal(
        testbed.entityNames(testbed.west, 'tcpListener').filter(entityName => entityName === `listener/${name}`).length,
        1,
      )
      const between = watch.changes.filter(change => change.at < at && change.listener.metadata.generation === 2)
      assert.deepEqual(
        between.filter(change => isReady(change.listener)),
        [],
      )
      assert.ok(at - updatedAt < 5000, `it took ${at - updatedAt} ms`)
    })
  }

  test('restores a tcpListener that something else deletes or changes', async () => {
    const port = await freePort()
    const watch = await testbed.watch('drifting')
    await testbed.createConnector('drifting')
    await testbed.createListener('drifting', { port })
    const { at } = await watch.until(isReady)
    await testbed.west.manage('DELETE', LISTENER, 'listener/drifting')
    const deletedAt = clock.now()
    await eventually(() => entity('drifting') !== undefined, 10_000)
    const back = await watch.until(isReady, { since: deletedAt })
    assert.ok(back.at - deletedAt < 10_000)
    assert.ok(
      watch.summaries(at).some(words => words.startsWith('False, True, False, Pending, The router no longer has')),
    )
    const drifted = (await testbed.events(WEST)).filter(
      ({ type, data }) => type === 'ListenerDrifted' && data.name === 'drifting',
    )
    assert.equal(drifted.length, 1)
    assert.equal(drifted[0]?.data.message, 'The router no longer has tcpListener listener/drifting')

    await testbed.west.manage('DELETE', LISTENER, 'listener/drifting')
    await testbed.west.manage('CREATE', LISTENER, 'listener/drifting', {
      host: '127.0.0.1',
      port: '1',
      address: 'drifting',
    })
    await eventually(() => entity('drifting')?.port === `${port}`, 10_000)
  })

  test('deletes leftovers, and leaves entities of others alone', async () => {
    const attributes = { host: '127.0.0.1', port: '5999', address: 'theirs' }
    await testbed.west.manage('CREATE', LISTENER, 'theirs', attributes)
    await testbed.west.manage('CREATE', LISTENER, 'listener/nobodys', attributes)
    // What bears a name as Hark gives them and is not in the configuration is a leftover.
    await eventually(() => entity('nobodys') === undefined)
    assert.ok(testbed.entityNames(testbed.west, 'tcpListener').includes('theirs'))
  })

  test('keeps the socket of a listener without a connector closed', async () => {
    const watch = await testbed.watch('closed')
    await testbed.createListener('closed', { port: await freePort() })
    await watch.until(seen => summaryOf(seen) === PENDING)
    assert.equal(entity('closed')?.operStatus, 'down')
    await testbed.createConnector('closed')
    const { listener } = await watch.until(isReady)
    assert.equal(summaryOf(listener), READY)
  })
})
