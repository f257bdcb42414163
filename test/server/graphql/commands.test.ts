import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, test } from 'node:test'
import {
  CREATE_LISTENER,
  DELETE_CONNECTOR,
  DELETE_LISTENER,
  GET_LISTENER,
  listenerInput,
  UPDATE_HOST,
  UPDATE_PORT,
  UPDATE_ROUTING_KEY,
} from '../../support/operations.ts'
import { TestServer } from '../../support/test-server.ts'

const hark = await TestServer.start()
after(() => hark[Symbol.asyncDispose]())

const create = async (name: string, more: object = {}) =>
  (await hark.data(CREATE_LISTENER, { input: listenerInput(name, more) })).createListener

const at = (name: string) => ({ namespace: 'west', name })

test('createListener › returns the listener, which every later query shows', async () => {
  const { listener, position } = await create('created')
  assert.equal(listener.metadata.generation, 1)
  assert.equal(listener.metadata.resourceVersion, position)
  assert.match(listener.metadata.creationTimestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  assert.deepEqual((await hark.data(GET_LISTENER, at('created'))).listener, listener)
  assert.ok((await hark.data('{ head }')).head >= position)
})

test('createListener › treats null in the input as absent', async () => {
  const spec = { routingKey: 'a', host: 'nulls', port: 1, tlsCredentials: null, settings: null, exposePodsByName: null }
  const { listener } = await create('nulls', { spec, commandId: null })
  assert.deepEqual(listener.spec.settings, { observer: 'auto' })
})

test('update mutations › change a property and increment the generation', async () => {
  await create('updated')
  const updates = [
    [UPDATE_ROUTING_KEY, { routingKey: 'other' }, 'updateRoutingKey'],
    [UPDATE_HOST, { host: '10.0.0.1' }, 'updateHost'],
    [UPDATE_PORT, { port: 9090 }, 'updatePort'],
  ] as const
  for (const [index, [mutation, change, field]] of updates.entries()) {
    const { listener, position } = (await hark.data(mutation, { input: { ...at('updated'), ...change } }))[field]
    assert.equal(listener.metadata.generation, index + 2)
    assert.equal(listener.metadata.resourceVersion, position)
    assert.deepEqual({ ...listener.spec, ...change }, listener.spec)
  }
})

test('update mutations › append no event without a change', async () => {
  const { listener } = await create('same')
  const before = await hark.eventCount()
  const { updatePort } = await hark.data(UPDATE_PORT, { input: { ...at('same'), port: 8080 } })
  assert.deepEqual(updatePort.listener, listener)
  assert.equal(await hark.eventCount(), before)
})

test('deleteListener › removes the listener and frees its name', async () => {
  const { listener } = await create('deleted')
  const { deleteListener } = await hark.data(DELETE_LISTENER, { input: at('deleted') })
  assert.equal(deleteListener.uid, listener.metadata.uid)
  assert.equal((await hark.data(GET_LISTENER, at('deleted'))).listener, null)
  const again = await create('deleted')
  assert.notEqual(again.listener.metadata.uid, listener.metadata.uid)
  assert.equal(again.listener.metadata.generation, 1)
})

test('connector mutations › create, update and delete', async () => {
  const fields = `{ position connector {
    apiVersion kind metadata { generation }
    spec { host selector port type useClientCert verifyHostname includeNotReadyPods exposePodsByName settings }
    status { status message hasMatchingListener conditions { type status } }
  } }`
  const input = { namespace: 'east', name: 'c', spec: { routingKey: 'connected', host: 'server', port: 80 } }
  await create('connected', { spec: { routingKey: 'connected', host: 'connected', port: 1 } })
  const created = await hark.data(
    `mutation C($input: CreateConnectorInput!) { createConnector(input: $input) ${fields} }`,
    { input },
  )
  assert.deepEqual(created.createConnector.connector, {
    apiVersion: 'skupper.io/v2alpha1',
    kind: 'Connector',
    metadata: { generation: 1 },
    spec: {
      host: 'server',
      selector: null,
      port: 80,
      type: 'tcp',
      useClientCert: false,
      verifyHostname: true,
      includeNotReadyPods: false,
      exposePodsByName: false,
      settings: {},
    },
    status: {
      status: 'Pending',
      message: 'No router attached',
      hasMatchingListener: true,
      conditions: [
        { type: 'Configured', status: 'False' },
        { type: 'Matched', status: 'True' },
        { type: 'Ready', status: 'False' },
      ],
    },
  })
  const moved = { ...input, spec: { ...input.spec, port: 81 } }
  const updated = await hark.data(
    `mutation U($input: UpdateConnectorInput!) { updateConnector(input: $input) ${fields} }`,
    { input: moved },
  )
  assert.equal(updated.updateConnector.connector.spec.port, 81)
  assert.equal(updated.updateConnector.connector.metadata.generation, 2)
  const { deleteConnector } = await hark.data(DELETE_CONNECTOR, { input: { namespace: 'east', name: 'c' } })
  assert.match(deleteConnector.uid, /^[0-9a-f-]{36}$/)
})

test('createListener › rejects an existing name or endpoint with ALREADY_EXISTS', async () => {
  await create('taken')
  const same = await hark.error(CREATE_LISTENER, { input: listenerInput('taken') })
  assert.equal(same.extensions.code, 'ALREADY_EXISTS')
  const input = listenerInput('other', { spec: { routingKey: 'a', host: 'taken', port: 8080 } })
  assert.equal((await hark.error(CREATE_LISTENER, { input })).extensions.code, 'ALREADY_EXISTS')
})

test('mutations › reject a missing resource with NOT_FOUND', async () => {
  const port = await hark.error(UPDATE_PORT, { input: { ...at('nobody'), port: 1, expectedResourceVersion: '7' } })
  assert.equal(port.extensions.code, 'NOT_FOUND')
  assert.equal((await hark.error(DELETE_LISTENER, { input: at('nobody') })).extensions.code, 'NOT_FOUND')
})

test('expectedResourceVersion › fails with CONFLICT when stale, and changes nothing', async () => {
  const first = (await create('versioned')).listener.metadata.resourceVersion
  const change = (port: number, expectedResourceVersion: string) => ({
    input: { ...at('versioned'), port, expectedResourceVersion },
  })
  const { updatePort } = await hark.data(UPDATE_PORT, change(1, first))
  const current = updatePort.listener.metadata.resourceVersion
  assert.notEqual(current, first)
  const before = await hark.eventCount()
  for (const stale of [first, 'no position', '', '-1', '1e3', '9'.repeat(30)]) {
    const { extensions } = await hark.error(UPDATE_PORT, change(2, stale))
    assert.deepEqual(extensions, { code: 'CONFLICT', currentResourceVersion: current })
  }
  assert.equal(await hark.eventCount(), before)
})

test('commandId › executes a repeated command once and returns the first result', async () => {
  const commandId = randomUUID()
  const first = await create('repeated', { commandId })
  const before = await hark.eventCount()
  assert.deepEqual(await create('repeated', { commandId }), first)
  assert.equal(await hark.eventCount(), before)
  const another = await hark.error(CREATE_LISTENER, { input: listenerInput('another', { commandId }) })
  assert.equal(another.extensions.code, 'CONFLICT')
  assert.match(another.message, /^commandId: .* is the id of another command/)
})

test('x-request-id › is the correlation id of events', async () => {
  const requestId = randomUUID()
  const input = listenerInput('told')
  const answer = await hark.graphql(CREATE_LISTENER, { input }, { 'x-request-id': requestId })
  assert.equal(answer.headers.get('x-request-id'), requestId)
  const { listener } = await hark.data(`{
    listener(namespace: "west", name: "told") {
      history { edges { node { type stream revision actor correlationId causationId data } } pageInfo { hasNextPage } }
    }
  }`)
  assert.equal(listener.history.pageInfo.hasNextPage, false)
  const [{ node }] = listener.history.edges
  assert.equal(node.type, 'ListenerCreated')
  assert.equal(node.stream, 'listener-west.told')
  assert.equal(node.revision, 0)
  assert.equal(node.actor, 'anonymous')
  assert.equal(node.correlationId, requestId)
  assert.equal(node.causationId, null)
  assert.equal(node.data.spec.host, 'told')
})

test('x-request-id › is replaced if it is not a UUID', async () => {
  for (const given of ['x', '1'.repeat(300)]) {
    const { headers } = await hark.graphql('{ head }', {}, { 'x-request-id': given })
    assert.match(headers.get('x-request-id') ?? '', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  }
})
