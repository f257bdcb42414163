import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { overEvents } from '../../support/subscription-client.ts'
import { TestServer } from '../../support/test-server.ts'

const SHOWN = `{
  id kind metadata { name generation resourceVersion } spec { strategy { priority { routingKeys } weighted { routingKeys } } port }
  status {
    status message hasDestination conditions { type status message }
    strategy { priority { routingKeysReachable } weighted { routingKeysReachable } }
  }
  history { edges { node { type } } }
}`
const CREATE = `mutation ($input: CreateMultiKeyListenerInput!) { createMultiKeyListener(input: $input) { position multiKeyListener ${SHOWN} } }`
const UPDATE = `mutation ($input: UpdateMultiKeyListenerInput!) { updateMultiKeyListener(input: $input) { multiKeyListener ${SHOWN} } }`
const GET = `query ($namespace: String!, $name: String!) { multiKeyListener(namespace: $namespace, name: $name) ${SHOWN} }`
const LISTENER = 'mutation ($input: CreateListenerInput!) { createListener(input: $input) { position } }'
const CONNECTOR =
  'mutation ($input: CreateConnectorInput!) { createConnector(input: $input) { connector { status { hasMatchingListener } } } }'
const APPLY = 'mutation ($input: ApplyInput!) { apply(input: $input) { results { action } } }'
const byPriority = (...routingKeys: string[]) => ({ priority: { routingKeys } })
const byWeight = (routingKeys: Record<string, number>) => ({ weighted: { routingKeys } })

const hark = await TestServer.start()
after(() => hark[Symbol.asyncDispose]())

describe('a MultiKeyListener', () => {
  it('is served now, in the past, as subscription, history, node, lanes and manifest', async () => {
    const WEST = { namespace: 'west', name: 'backend' }
    const spec = { strategy: byPriority('near', 'far'), host: 'backend', port: 8080 }
    const live = await overEvents(
      hark.url,
      'subscription { multiKeyListeners(namespace: "west") { eventType multiKeyListener { status { message } } } }',
      {},
    )
    const { createMultiKeyListener: created } = await hark.data(CREATE, { input: { ...WEST, spec } })
    assert.equal(created.multiKeyListener.status.message, 'No router attached')

    const connector = { namespace: 'east', name: 'far', spec: { routingKey: 'far', host: 'far', port: 1 } }
    const { createConnector } = await hark.data(CONNECTOR, { input: connector })
    assert.equal(createConnector.connector.status.hasMatchingListener, true)
    await hark.data(UPDATE, { input: { ...WEST, spec: { ...spec, port: 8081 } } })
    const now = (await hark.data(GET, WEST)).multiKeyListener
    assert.equal(now.status.hasDestination, true)
    assert.deepEqual(now.status.strategy, { priority: { routingKeysReachable: ['far'] }, weighted: null })
    assert.equal(now.metadata.generation, 2)
    assert.deepEqual(
      now.history.edges.map(({ node }: { node: { type: string } }) => node.type),
      ['MultiKeyListenerCreated', 'MultiKeyListenerUpdated'],
    )
    assert.deepEqual(
      now.status.conditions.map(({ type, status }: { type: string; status: string }) => `${type} ${status}`),
      ['Configured False', 'Operational True', 'Ready False'],
    )
    const { node } = await hark.data('query ($id: ID!) { node(id: $id) { __typename id } }', { id: now.id })
    assert.deepEqual(node, { __typename: 'MultiKeyListener', id: now.id })

    const { multiKeyListeners: then } = await hark.data(
      `query ($at: Moment) { multiKeyListeners(namespace: "west", at: $at) { totalCount edges { node ${SHOWN} } } }`,
      { at: { position: created.position } },
    )
    assert.equal(then.totalCount, 1)
    assert.deepEqual([then.edges[0].node.spec.port, then.edges[0].node.status.hasDestination], [8080, false])

    const { statusLanes } = await hark.data(
      '{ statusLanes(filter: { kinds: [MultiKeyListener] }) { edges { node { kind name conditions { type } } } } }',
    )
    assert.deepEqual(statusLanes.edges, [
      {
        node: {
          kind: 'MultiKeyListener',
          name: 'backend',
          conditions: [{ type: 'Configured' }, { type: 'Operational' }, { type: 'Ready' }],
        },
      },
    ])

    const manifest = { apiVersion: 'skupper.io/v2alpha1', kind: 'MultiKeyListener', metadata: WEST, spec }
    const { apply } = await hark.data(APPLY, { input: { manifests: [manifest] } })
    assert.deepEqual(apply.results, [{ action: 'Configured' }])

    const seen: string[] = []
    while (seen.length < 4) {
      const { data } = (await live.next()) as { data: { multiKeyListeners: { eventType: string } } }
      seen.push(data.multiKeyListeners.eventType)
    }
    assert.deepEqual(seen, [
      'MultiKeyListenerCreated',
      'ConnectorCreated',
      'MultiKeyListenerUpdated',
      'MultiKeyListenerUpdated',
    ])
    await live[Symbol.asyncDispose]()
  })

  it('is bisected, and has changes of its own', async () => {
    const SPLIT = { namespace: 'split', name: 'backend' }
    const spec = { strategy: byPriority('only'), host: 'backend', port: 8080 }
    const connector = { namespace: 'split', name: 'only', spec: { routingKey: 'only', host: 'only', port: 1 } }
    await hark.data(CONNECTOR, { input: connector })
    await hark.data(CREATE, { input: { ...SPLIT, spec } })
    const { deleteConnector: gone } = await hark.data(
      'mutation { deleteConnector(input: { namespace: "split", name: "only" }) { position } }',
    )
    const { bisect } = await hark.data(`{
      bisect(namespace: "split", name: "backend", kind: MultiKeyListener, condition: Operational) {
        outcome
        command { type }
        change { event { position } multiKeyListeners { name before { status { hasDestination } } after { status { hasDestination } } } }
      }
    }`)
    assert.deepEqual(bisect, {
      outcome: 'Found',
      command: { type: 'MultiKeyListenerCreated' },
      change: {
        event: { position: gone.position },
        multiKeyListeners: [
          {
            name: 'backend',
            before: { status: { hasDestination: true } },
            after: { status: { hasDestination: false } },
          },
        ],
      },
    })
    const changes = (subject: string) =>
      `{ changes(namespace: "split", ${subject}) { edges { node { event { type } listeners { name } } } } }`
    const own = await hark.data(changes('multiKeyListener: "backend"'))
    assert.deepEqual(own.changes.edges, [
      { node: { event: { type: 'MultiKeyListenerCreated' }, listeners: [] } },
      { node: { event: { type: 'ConnectorDeleted' }, listeners: [] } },
    ])
    const both = await hark.error(changes('multiKeyListener: "backend", listener: "backend"'))
    assert.equal(both.message, 'multiKeyListener: must not stand beside listener')
  })

  it('shares the endpoints of a namespace with listeners', async () => {
    const spec = { strategy: byPriority('a'), host: 'shared', port: 8080 }
    await hark.data(CREATE, { input: { namespace: 'shared', name: 'several', spec } })
    const single = { namespace: 'shared', name: 'single', spec: { routingKey: 'a', host: 'shared', port: 8080 } }
    const taken = 'host shared and port 8080 are taken in namespace shared, by'
    const { message, extensions: refusal } = await hark.error(LISTENER, { input: single })
    assert.deepEqual([refusal.code, message], ['ALREADY_EXISTS', `${taken} multikeylistener several`])
    const manifest = { apiVersion: 'skupper.io/v2alpha1', kind: 'Listener', metadata: single, spec: single.spec }
    const applied = await hark.error(APPLY, { input: { manifests: [manifest] } })
    assert.equal(applied.message, `manifests[0]: ${taken} multikeylistener several`)
    await hark.data('mutation { deleteMultiKeyListener(input: { namespace: "shared", name: "several" }) { position } }')
    await hark.data(LISTENER, { input: single })
    const { extensions, message: other } = await hark.error(CREATE, {
      input: { namespace: 'shared', name: 'several', spec },
    })
    assert.deepEqual([extensions.code, other], ['ALREADY_EXISTS', `${taken} listener single`])
  })

  it('takes other weights, and rejects another kind of strategy', async () => {
    const WEIGHTED = { namespace: 'weights', name: 'backend' }
    const spec = { strategy: byWeight({ one: 3, two: 1 }), host: 'backend', port: 8080 }
    await hark.data(CREATE, { input: { ...WEIGHTED, spec } })
    await hark.data(CONNECTOR, {
      input: { namespace: 'weights', name: 'two', spec: { routingKey: 'two', host: 'two', port: 1 } },
    })
    const changed = { ...spec, strategy: byWeight({ one: 3, two: 2 }) }
    const { updateMultiKeyListener } = await hark.data(UPDATE, { input: { ...WEIGHTED, spec: changed } })
    assert.deepEqual(updateMultiKeyListener.multiKeyListener.status.strategy, {
      priority: null,
      weighted: { routingKeysReachable: { two: 2 } },
    })
    const other = { ...spec, strategy: byPriority('one') }
    const { message, extensions } = await hark.error(UPDATE, { input: { ...WEIGHTED, spec: other } })
    assert.equal(extensions.code, 'IMMUTABLE_FIELD')
    assert.match(message, /spec\.strategy/)
  })

  it('stops matching connectors of a routing key that it gives up', async () => {
    const KEYS = { namespace: 'keys', name: 'backend' }
    const spec = { strategy: byPriority('kept', 'dropped'), host: 'backend', port: 8080 }
    await hark.data(CREATE, { input: { ...KEYS, spec } })
    const connector = { namespace: 'keys', name: 'dropped', spec: { routingKey: 'dropped', host: 'd', port: 1 } }
    await hark.data(CONNECTOR, { input: connector })
    const { updateMultiKeyListener } = await hark.data(UPDATE, {
      input: { ...KEYS, spec: { ...spec, strategy: byPriority('kept') } },
    })
    assert.equal(updateMultiKeyListener.multiKeyListener.status.hasDestination, false)
    const read =
      '{ connector(namespace: "keys", name: "dropped") { status { hasMatchingListener } } routingKey(name: "dropped") { multiKeyListeners { name } connectors { name } } }'
    const { connector: left, routingKey } = await hark.data(read)
    assert.equal(left.status.hasMatchingListener, false)
    assert.deepEqual(routingKey, { multiKeyListeners: [], connectors: [{ name: 'dropped' }] })
    const kept = await hark.data('{ routingKey(name: "kept") { multiKeyListeners { name } } }')
    assert.deepEqual(kept.routingKey.multiKeyListeners, [{ name: 'backend' }])
  })
})
