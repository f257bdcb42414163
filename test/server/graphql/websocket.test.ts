import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, test } from 'node:test'
import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { eventually } from '../../support/eventually.ts'
import { CREATE_LISTENER, listenerInput } from '../../support/operations.ts'
import { all } from '../../support/subscription-client.ts'
import { type GraphQLError, TestServer } from '../../support/test-server.ts'

const hark = await TestServer.start()
after(() => hark[Symbol.asyncDispose]())

const address = () => `${hark.url.replace('http', 'ws')}/graphql`

const connect = async (headers: Record<string, string> = {}): Promise<WebSocket> => {
  const socket = new WebSocket(address(), 'graphql-transport-ws', { headers })
  await once(socket, 'open')
  return socket
}

const closeCode = async (socket: WebSocket): Promise<number> => (await once(socket, 'close'))[0]

test('WebSocket › executes queries and mutations', async () => {
  const client = createClient({ url: address() })
  const [created] = await all(
    client.iterate<{ createListener: { listener: { metadata: { generation: number } } } }>({
      query: CREATE_LISTENER,
      variables: { input: listenerInput('socket') },
    }),
  )
  assert.equal(created?.data?.createListener.listener.metadata.generation, 1)
  const [refused] = await all(client.iterate({ query: CREATE_LISTENER, variables: { input: listenerInput('Socket') } }))
  assert.equal(refused?.errors?.[0]?.extensions?.code, 'BAD_USER_INPUT')
  for (const query of ['{ nothing }', '{ head', `{ ${'head '.repeat(5000)} }`]) {
    await assert.rejects(all(client.iterate({ query })), ([error]: GraphQLError[]) => {
      assert.equal(error?.extensions.code, 'BAD_USER_INPUT')
      return true
    })
  }
  await client.dispose()
})

test('WebSocket › completes one of several subscriptions', async () => {
  const client = createClient({ url: address() })
  const iterators = [1, 2].map(() =>
    client.iterate({ query: 'subscription { listener(namespace: "a", name: "a") { position } }' }),
  )
  await Promise.all(iterators.map(iterator => iterator.next()))
  assert.equal(await hark.openSubscriptions(), 2)
  await iterators[0]!.return?.()
  await eventually(async () => (await hark.openSubscriptions()) === 1)
  await client.dispose()
  await eventually(async () => (await hark.openSubscriptions()) === 0)
})

test('WebSocket › closes with 1009 for a message over the limit', async () => {
  const socket = await connect()
  socket.send('x'.repeat(5_000_000))
  assert.equal(await closeCode(socket), 1009)
})

test('WebSocket › closes with 4400 for a message that is not of the protocol', async () => {
  for (const message of ['no JSON', '{"type": "nonsense"}', '[]']) {
    const socket = await connect()
    socket.send(message)
    assert.equal(await closeCode(socket), 4400)
  }
})

test('WebSocket › rejects other protocols, origins and paths', async () => {
  const refused = async (socket: WebSocket): Promise<string> => (await once(socket, 'error'))[0].message
  assert.match(
    await refused(new WebSocket(address(), 'graphql-transport-ws', { origin: 'https://example.org' })),
    /401/,
  )
  assert.match(await refused(new WebSocket(address().replace('/graphql', '/other'), 'graphql-transport-ws')), /400/)
  const own = await connect({ origin: hark.url })
  own.close()
  const other = new WebSocket(address(), 'graphql-ws')
  await refused(other)
  assert.deepEqual(hark.loggedErrors, [])
})
