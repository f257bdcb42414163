import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { eventually } from '../../support/eventually.ts'
import { APPLY, BACKEND, CONNECTOR, DELETE_CONNECTOR, DELETE_LISTENER, SITE } from '../../support/operations.ts'
import { type TestSubscription, TRANSPORTS } from '../../support/subscription-client.ts'
import { TestServer } from '../../support/test-server.ts'

const hark = await TestServer.start()
after(() => hark[Symbol.asyncDispose]())

const apply = (...manifests: object[]) => hark.data(APPLY, { input: { manifests } })

const MULTI_KEY_LISTENER = {
  apiVersion: BACKEND.apiVersion,
  kind: 'MultiKeyListener',
  spec: { host: 'many', port: 8080, strategy: { priority: { routingKeys: ['a', 'b'] } } },
}

/** A listener and a connector that meet in no other test. */
const pair = (name: string) => ({
  listener: {
    ...BACKEND,
    metadata: { name, namespace: `${name}-west` },
    spec: { routingKey: name, host: name, port: 8080 },
  },
  connector: {
    ...CONNECTOR,
    metadata: { name, namespace: `${name}-east` },
    spec: { routingKey: name, host: 'server', port: 80 },
  },
})

const port = (manifest: typeof BACKEND, value: number) => ({ ...manifest, spec: { ...manifest.spec, port: value } })

const data = async (live: TestSubscription) => {
  const result = await live.next()
  assert.equal(result?.errors, undefined, JSON.stringify(result?.errors))
  return result?.data
}

for (const [index, [transport, subscribe]] of Object.entries(TRANSPORTS).entries()) {
  const named = (name: string) => `${name}-${index}`

  test(`hasMatchingConnector › follows connectors of other namespaces, over ${transport}`, async () => {
    const { listener, connector } = pair(named('match'))
    await apply(listener)
    await using live = await subscribe(
      hark.url,
      `subscription Match($namespace: String!, $name: String!) {
        hasMatchingConnector(namespace: $namespace, name: $name) { position time value }
      }`,
      listener.metadata,
    )
    const first = (await data(live)).hasMatchingConnector
    assert.equal(first.value, false)

    const applied = apply(connector)
    const matched = (await data(live)).hasMatchingConnector
    assert.equal(matched.value, true)
    assert.ok(matched.position > first.position)
    assert.ok(Date.parse(matched.time) >= Date.parse(first.time))
    await applied

    await hark.data(DELETE_CONNECTOR, { input: connector.metadata })
    assert.equal((await data(live)).hasMatchingConnector.value, false)
  })

  test(`listener › emits changes from before its creation to its deletion, over ${transport}`, async () => {
    const { listener } = pair(named('life'))
    const { namespace, name } = listener.metadata
    await using live = await subscribe(
      hark.url,
      `subscription Life($namespace: String!, $name: String!) {
        listener(namespace: $namespace, name: $name) { position time eventType namespace name listener { spec { port } } }
      }`,
      listener.metadata,
    )
    const seen = async () => {
      const { position, time, ...change } = (await data(live)).listener
      assert.equal(typeof position, 'string')
      assert.ok(!Number.isNaN(Date.parse(time)))
      return change
    }
    assert.deepEqual(await seen(), { namespace, name, eventType: null, listener: null })
    await apply(listener)
    assert.deepEqual(await seen(), {
      namespace,
      name,
      eventType: 'ListenerCreated',
      listener: { spec: { port: 8080 } },
    })
    await apply(port(listener, 9090))
    assert.deepEqual(await seen(), { namespace, name, eventType: 'PortUpdated', listener: { spec: { port: 9090 } } })
    await hark.data(DELETE_LISTENER, { input: { namespace, name } })
    assert.deepEqual(await seen(), { namespace, name, eventType: 'ListenerDeleted', listener: null })
  })

  test(`listeners › emits all of a namespace first, then changes, over ${transport}`, async () => {
    const { listener } = pair(named('all'))
    const { namespace } = listener.metadata
    const other = { ...listener, metadata: { namespace, name: 'other' }, spec: { ...listener.spec, host: 'other' } }
    await apply(listener, other)
    await using live = await subscribe(
      hark.url,
      'subscription All($namespace: String) { listeners(namespace: $namespace) { name eventType } }',
      { namespace },
    )
    const seen = async () => (await data(live)).listeners
    assert.deepEqual(await seen(), { name: listener.metadata.name, eventType: null })
    assert.deepEqual(await seen(), { name: 'other', eventType: null })
    await apply(pair(named('elsewhere')).listener, port(other, 1))
    assert.deepEqual(await seen(), { name: 'other', eventType: 'PortUpdated' })
  })

  for (const [field, key] of [
    ['listeners', 'listener'],
    ['connectors', 'connector'],
    ['multiKeyListeners', 'multiKeyListener'],
    ['sites', 'site'],
  ] as const)
    test(`${field} › marks the end of the initial state if asked to, over ${transport}`, async () => {
      const { listener } = pair(named(`mark-${field.toLowerCase()}`))
      const { namespace } = listener.metadata
      const one = {
        listener,
        connector: { ...CONNECTOR, metadata: { name: 'c', namespace } },
        multiKeyListener: { ...MULTI_KEY_LISTENER, metadata: { name: 'm', namespace } },
        site: { ...SITE, metadata: { name: 's', namespace } },
      }[key]
      const name = key === 'site' ? '' : 'name'
      const follow = (from: string) =>
        subscribe(
          hark.url,
          `subscription Marked($namespace: String) {
            ${field}(namespace: $namespace, bookmark: true${from}) { type position eventType namespace ${name} ${key} { id } }
          }`,
          { namespace },
        )
      const seen = async (live: TestSubscription) => (await data(live))[field]
      await using empty = await follow('')
      const { position, ...bookmark } = await seen(empty)
      const nameless = key === 'site' ? {} : { name: '' }
      assert.deepEqual(bookmark, { type: 'Bookmark', eventType: null, namespace, ...nameless, [key]: null })
      await apply(one)
      assert.equal((await seen(empty)).type, 'Changed')

      await using filled = await follow('')
      assert.deepEqual([(await seen(filled)).type, (await seen(filled)).type], ['Initial', 'Bookmark'])

      await using past = await follow(`, from: { position: "${position}" }`)
      assert.deepEqual(await seen(past), { ...bookmark, position })
      assert.equal((await seen(past)).type, 'Changed')
    })

  test(`subscription from › resumes at any position, with the state at that moment, over ${transport}`, async () => {
    const { listener, connector } = pair(named('resumed'))
    const { namespace, name } = listener.metadata
    await apply(listener, connector)
    const { head } = await hark.data('{ head }')
    await apply(port(listener, 9090))
    await hark.data(DELETE_CONNECTOR, { input: connector.metadata })
    await hark.data(DELETE_LISTENER, { input: { namespace, name } })
    await using live = await subscribe(
      hark.url,
      `subscription Resumed($namespace: String!, $name: String!, $from: Moment!) {
        listener(namespace: $namespace, name: $name, from: $from) {
          position eventType listener { spec { port } matchingConnectors { name } }
        }
      }`,
      { namespace, name, from: { position: head } },
    )
    const seen = async () => (await data(live)).listener
    const matching = [{ name: connector.metadata.name }]
    const first = { position: head, eventType: null, listener: { spec: { port: 8080 }, matchingConnectors: matching } }
    assert.deepEqual(await seen(), first)
    const { position, ...moved } = await seen()
    assert.ok(position > head)
    const now = { spec: { port: 9090 }, matchingConnectors: matching }
    assert.deepEqual(moved, { eventType: 'PortUpdated', listener: now })
    assert.deepEqual((await seen()).listener, { spec: { port: 9090 }, matchingConnectors: [] })
    assert.equal((await seen()).listener, null)
    await apply(listener)
    assert.deepEqual((await seen()).listener.spec, { port: 8080 })
  })

  test(`ready › emits the reason of each state, over ${transport}`, async () => {
    const { listener } = pair(named('ready'))
    await apply(listener)
    await using live = await subscribe(
      hark.url,
      `subscription Ready($namespace: String!, $name: String!) {
        ready(namespace: $namespace, name: $name) { position time status reason message }
      }`,
      listener.metadata,
    )
    const { status, reason, message } = (await data(live)).ready
    assert.deepEqual({ status, reason, message }, { status: 'False', reason: 'Pending', message: 'No router attached' })
    await hark.data(DELETE_LISTENER, { input: listener.metadata })
    const gone = (await data(live)).ready
    assert.deepEqual([gone.status, gone.message], ['Unknown', 'The listener was deleted'])
  })

  test(`routerConfig › emits the whole configuration with each difference, over ${transport}`, async () => {
    const { listener } = pair(named('config'))
    const { name } = listener.metadata
    await using live = await subscribe(
      hark.url,
      `subscription Config($namespace: String!) {
        routerConfig(namespace: $namespace) {
          position config { namespace position entities { name } json }
          added { type name } removed { type name } changed { type name before after }
        }
      }`,
      listener.metadata,
    )
    const nothing = { added: [], removed: [], changed: [] }
    const entity = { type: 'tcpListener', name: `listener/${name}` }
    const seen = async () => {
      const { position, config, ...change } = (await data(live)).routerConfig
      assert.equal(config.position, position)
      assert.equal(JSON.parse(config.json).length, config.entities.length)
      return change
    }
    assert.deepEqual(await seen(), nothing)
    await apply(listener)
    assert.deepEqual(await seen(), { ...nothing, added: [entity] })
    await apply(port(listener, 9090))
    const { changed, ...rest } = await seen()
    assert.deepEqual(rest, { added: [], removed: [] })
    assert.equal(changed.length, 1)
    assert.equal(changed[0].name, entity.name)
    assert.equal(changed[0].before.port, '8080')
    assert.equal(changed[0].after.port, '9090')
    await hark.data(DELETE_LISTENER, { input: listener.metadata })
    assert.deepEqual(await seen(), { ...nothing, removed: [entity] })
  })

  test(`events › emits events as they are recorded, over ${transport}`, async () => {
    const { listener } = pair(named('events'))
    await using live = await subscribe(
      hark.url,
      `subscription Events($namespace: String, $types: [String!]) {
        events(namespace: $namespace, types: $types) { position stream revision type data actor correlationId }
      }`,
      { namespace: listener.metadata.namespace, types: ['PortUpdated'] },
    )
    // It begins with the next event: only what comes after it is open is to be seen.
    await eventually(async () => (await hark.openSubscriptions()) === 1)
    await apply(listener)
    await apply(port(listener, 9090))
    const event = (await data(live)).events
    assert.equal(event.type, 'PortUpdated')
    assert.equal(event.revision, 1)
    assert.equal(event.data.port, 9090)
    assert.equal(event.actor, 'anonymous')
  })

  test(`subscription › rejects a listener that does not exist, over ${transport}`, async () => {
    await using missing = await subscribe(
      hark.url,
      'subscription { ready(namespace: "nowhere", name: "nobody") { status } }',
    )
    assert.equal((await missing.next())?.errors?.[0]?.extensions.code, 'NOT_FOUND')
    assert.equal(await missing.next(), undefined)
  })

  test(`subscription › is released when its client disconnects, over ${transport}`, async () => {
    await eventually(async () => (await hark.openSubscriptions()) === 0)
    const open = await Promise.all(
      Array.from({ length: 20 }, () => subscribe(hark.url, 'subscription { listeners { name } }')),
    )
    await Promise.all(open.map(live => live.next()))
    assert.equal(await hark.openSubscriptions(), 20)
    for (const live of open) live.disconnect()
    await eventually(async () => (await hark.openSubscriptions()) === 0)
    assert.deepEqual(hark.loggedErrors, [])
  })
}
