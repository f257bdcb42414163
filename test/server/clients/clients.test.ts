import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { parse } from 'graphql'
import { eventually } from '../../support/eventually.ts'
import { APPLY } from '../../support/operations.ts'
import { TestServer } from '../../support/test-server.ts'
import { documentedModule } from './documented-module.ts'

const NAMES = ['a', 'b', 'c']
const LISTENERS = `query Listeners($namespace: String!, $after: String) {
  listeners(namespace: $namespace, first: 2, after: $after) {
    edges { cursor node { id metadata { name } spec { port } } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`
const UPDATE_PORT = `mutation Update($input: UpdatePortInput!) {
  updatePort(input: $input) { listener { id spec { port } } }
}`
const CHANGES = `subscription Changes($namespace: String!) {
  listeners(namespace: $namespace, bookmark: true) { type name listener { id metadata { name } spec { port } } }
}`

let hark: TestServer
before(async () => {
  hark = await TestServer.start()
})
after(() => hark[Symbol.asyncDispose]())

/** Creates three listeners in a namespace of a test. */
const createListeners = async (namespace: string): Promise<void> => {
  const manifests = NAMES.map(name => ({
    apiVersion: 'skupper.io/v2alpha1',
    kind: 'Listener',
    metadata: { name, namespace },
    spec: { routingKey: name, host: name, port: 8080 },
  }))
  await hark.data(APPLY, { input: { manifests } })
}

const moved = (namespace: string, port: number) => ({ input: { namespace, name: 'a', port } })

interface Message {
  readonly type: string
  readonly name: string
}

/** Receives messages of a subscription; `isChanged` resolves at the first change, `isComplete` at the bookmark. */
const recorder = () => {
  const messages: string[] = []
  const bookmark = Promise.withResolvers<void>()
  const change = Promise.withResolvers<void>()
  return {
    messages,
    isComplete: bookmark.promise,
    isChanged: change.promise,
    receive: ({ type, name }: Message): void => {
      messages.push(`${type} ${name}`.trim())
      if (type === 'Bookmark') bookmark.resolve()
      if (type === 'Changed') change.resolve()
    },
    fail: (error: unknown): void => {
      bookmark.reject(error)
      change.reject(error)
    },
  }
}

const EXPECTED = ['Initial a', 'Initial b', 'Initial c', 'Bookmark', 'Changed a']

describe('Apollo Client as documented', () => {
  it('merges pages, and shows mutations and messages of subscriptions in its cache', async () => {
    const namespace = 'apollo'
    await createListeners(namespace)
    const { client } = await documentedModule('Apollo Client', hark.url)
    const query = parse(LISTENERS)
    const { data } = await client.query({ query, variables: { namespace } })
    const observed = client.watchQuery({ query, variables: { namespace } })
    const { endCursor } = data.listeners.pageInfo
    await observed.fetchMore({ variables: { after: endCursor } })
    const cached = () =>
      client
        .readQuery({ query, variables: { namespace } })
        .listeners.edges.map(
          ({ node }: { node: { metadata: { name: string }; spec: { port: number } } }) =>
            `${node.metadata.name} ${node.spec.port}`,
        )
    assert.deepEqual(cached(), ['a 8080', 'b 8080', 'c 8080'])

    await client.mutate({ mutation: parse(UPDATE_PORT), variables: moved(namespace, 9090) })
    assert.equal(cached()[0], 'a 9090')

    const { receive, fail, messages, isComplete, isChanged } = recorder()
    const subscription = client.subscribe({ query: parse(CHANGES), variables: { namespace } }).subscribe({
      next: ({ data, error }: { data: { listeners: Message }; error?: unknown }) =>
        error === undefined ? receive(data.listeners) : fail(error),
      error: fail,
    })
    await isComplete
    await hark.data(UPDATE_PORT, moved(namespace, 9091))
    await isChanged
    assert.deepEqual(messages, EXPECTED)
    assert.equal(cached()[0], 'a 9091')
    subscription.unsubscribe()
    client.stop()
  })
})

describe('urql as documented', () => {
  it('queries again after a mutation, and subscribes', async () => {
    const namespace = 'urql'
    await createListeners(namespace)
    const { client } = await documentedModule('urql', hark.url)
    const firstPort = async () => {
      const { data, error } = await client.query(LISTENERS, { namespace }).toPromise()
      assert.equal(error, undefined)
      return data.listeners.edges[0].node.spec.port
    }
    assert.equal(await firstPort(), 8080)
    const { error } = await client.mutation(UPDATE_PORT, moved(namespace, 9090)).toPromise()
    assert.equal(error, undefined)
    assert.equal(await firstPort(), 9090)

    const { receive, fail, messages, isComplete, isChanged } = recorder()
    const { unsubscribe } = client
      .subscription(CHANGES, { namespace })
      .subscribe(({ data, error }: { data: { listeners: Message }; error?: unknown }) =>
        error === undefined ? receive(data.listeners) : fail(error),
      )
    await isComplete
    await hark.data(UPDATE_PORT, moved(namespace, 9091))
    await isChanged
    assert.deepEqual(messages, EXPECTED)
    unsubscribe()
  })
})

describe('graphql-sse as documented', () => {
  it('queries and subscribes', async () => {
    const namespace = 'sse'
    await createListeners(namespace)
    const { client } = await documentedModule('graphql-sse', hark.url)
    for await (const { data } of client.iterate({ query: LISTENERS, variables: { namespace } }))
      assert.equal(data.listeners.edges.length, 2)
    const { receive, fail, messages, isComplete, isChanged } = recorder()
    const unsubscribe = client.subscribe(
      { query: CHANGES, variables: { namespace } },
      {
        next: ({ data }: { data: { listeners: Message } }) => receive(data.listeners),
        error: fail,
        complete: () => undefined,
      },
    )
    await isComplete
    await hark.data(UPDATE_PORT, moved(namespace, 9091))
    await isChanged
    assert.deepEqual(messages, EXPECTED)
    unsubscribe()
    client.dispose()
  })
})

describe('graphql-sse with a single connection as documented', () => {
  it('queries, runs commands, and stops one of two subscriptions', async () => {
    const namespace = 'single'
    await createListeners(namespace)
    const { single: client } = await documentedModule('graphql-sse', hark.url)
    const open = (await hark.openSubscriptions()) + 2
    const [stopped, kept] = [recorder(), recorder()]
    const [stop, unsubscribe] = [stopped, kept].map(({ receive, fail }) =>
      client.subscribe(
        { query: CHANGES, variables: { namespace } },
        {
          next: ({ data }: { data: { listeners: Message } }) => receive(data.listeners),
          error: fail,
          complete: () => undefined,
        },
      ),
    )
    await Promise.all([stopped.isComplete, kept.isComplete])
    assert.equal(await hark.openSubscriptions(), open)
    stop()
    await eventually(async () => (await hark.openSubscriptions()) === open - 1)

    const results = async (query: string, variables: object) => {
      const received = []
      for await (const { data, errors } of client.iterate({ query, variables })) received.push(errors ?? data)
      return received
    }
    const [updated] = await results(UPDATE_PORT, moved(namespace, 9091))
    assert.equal(updated.updatePort.listener.spec.port, 9091)
    const [page] = await results(LISTENERS, { namespace })
    assert.equal(page.listeners.edges[0].node.spec.port, 9091)
    const [[fault]] = await results('{ nothing }', {})
    assert.equal(fault.extensions.code, 'BAD_USER_INPUT')

    await kept.isChanged
    assert.deepEqual(kept.messages, EXPECTED)
    assert.deepEqual(stopped.messages, EXPECTED.slice(0, -1))
    unsubscribe()
    await eventually(async () => (await hark.openSubscriptions()) === open - 2)
    client.dispose()
  })
})
