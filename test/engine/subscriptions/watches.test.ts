import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  createConnector,
  createListener,
  deleteConnector,
  deleteListener,
  updateHost,
  updatePort,
  updateRoutingKey,
} from '../../support/commands.ts'
import {
  connectorGone,
  connectorSeen,
  listenerAccepted,
  routerAttached,
  routerConnected,
  routerLost,
} from '../../support/projections/router-facts.ts'
import { TestEngine } from '../../support/test-engine.ts'

/** Takes values of a watch as they come. */
const take = async <T>(watch: AsyncIterator<T>, count: number): Promise<T[]> => {
  const taken: T[] = []
  while (taken.length < count) {
    const { value, done } = await watch.next()
    assert.ok(!done, `the watch ended after ${taken.length} of ${count}`)
    taken.push(value)
  }
  return taken
}

const watchOf = <T>(open: (signal: AbortSignal) => AsyncIterable<T>) => {
  const abort = new AbortController()
  const iterator = open(abort.signal)[Symbol.asyncIterator]()
  return {
    take: (count: number) => take(iterator, count),
    next: () => iterator.next(),
    /** Ends the watch, and returns the remaining values. */
    rest: async (): Promise<T[]> => {
      abort.abort()
      const rest: T[] = []
      for (let { value, done } = await iterator.next(); !done; { value, done } = await iterator.next()) rest.push(value)
      return rest
    },
    abort: () => abort.abort(),
  }
}

describe('listener watch', () => {
  it('emits the current state and then each change once, up to the deletion', async () => {
    await using test = await TestEngine.start()
    const { row, position } = await test.run(createListener('a'))
    const watch = watchOf(signal => test.engine.watch.resource('Listener', 'west', 'a', signal))
    const moved = await test.run(updatePort('a', 9090))
    await test.run(createListener('b'))
    const deleted = await test.run(deleteListener('a'))
    const [first, second, third] = await watch.take(3)
    assert.deepEqual([first?.position, first?.eventType, first?.row], [position, undefined, row])
    assert.deepEqual([second?.position, second?.eventType, second?.row], [moved.position, 'PortUpdated', moved.row])
    assert.deepEqual([third?.position, third?.eventType, third?.row], [deleted.position, 'ListenerDeleted', undefined])
    assert.deepEqual(await watch.rest(), [])
  })

  it('starts before the listener exists', async () => {
    await using test = await TestEngine.start()
    const watch = watchOf(signal => test.engine.watch.resource('Listener', 'west', 'a', signal))
    await test.run(createListener('a'))
    const [first, second] = await watch.take(2)
    assert.deepEqual([first?.row, second?.row?.name], [undefined, 'a'])
  })

  it('emits changes of status that other resources cause', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('a'))
    const watch = watchOf(signal => test.engine.watch.resource('Listener', 'west', 'a', signal))
    await test.run(createConnector('c'))
    const [, matched] = await watch.take(2)
    assert.deepEqual([matched?.eventType, matched?.row?.hasMatchingConnector], ['ConnectorCreated', true])
  })

  it('emits each change once while changes go on', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('a', { port: 1 }))
    const ports = Array.from({ length: 200 }, (_, index) => index + 2)
    const changing = ports.map(port => test.run(updatePort('a', port)))
    const watches = []
    for (const change of [0, 40, 120]) {
      await changing[change]
      watches.push(watchOf(signal => test.engine.watch.resource('Listener', 'west', 'a', signal)))
    }
    await Promise.all(changing)
    for (const watch of watches) {
      const received = (await watch.rest()).map(({ row }) => row?.spec.port)
      const begin = received[0] ?? 0
      assert.deepEqual(received, [begin, ...ports.filter(port => port > begin)])
    }
  })

  it('waits for a slow reader', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('a'))
    const watch = watchOf(signal => test.engine.watch.resource('Listener', 'west', 'a', signal))
    for (let port = 1; port <= 20; port += 1) await test.run(updatePort('a', port))
    const positions = (await watch.take(21)).map(({ position }) => position)
    assert.deepEqual(
      positions,
      positions.toSorted((a, b) => a - b),
    )
    assert.equal(new Set(positions).size, 21)
  })
})

describe('listeners watch', () => {
  it('emits every listener and then the changes of each', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('b'))
    await test.run(createListener('a'))
    await test.run({ ...createListener('a'), namespace: 'east' })
    const all = watchOf(signal => test.engine.watch.resources('Listener', {}, signal))
    const west = watchOf(signal => test.engine.watch.resources('Listener', { namespace: 'west' }, signal))
    await test.run({ ...updatePort('a', 9090), namespace: 'east' })
    await test.run(updatePort('b', 9090))
    const named = (changes: { namespace: string; name: string }[]) =>
      changes.map(({ namespace, name }) => `${namespace}/${name}`)
    assert.deepEqual(named(await all.take(5)), ['east/a', 'west/a', 'west/b', 'east/a', 'west/b'])
    assert.deepEqual(named(await west.take(3)), ['west/a', 'west/b', 'west/b'])
    assert.deepEqual([await all.rest(), await west.rest()], [[], []])
  })
})

describe('hasMatchingConnector watch', () => {
  it('emits only changes of the value', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('a'))
    const watch = watchOf(signal => test.engine.watch.hasMatchingConnector('west', 'a', signal))
    await test.run(createConnector('c'))
    await test.run(createConnector('d'))
    await test.run(updatePort('a', 9090))
    await test.run(deleteConnector('c'))
    await test.run(deleteConnector('d'))
    await test.routerReports(
      routerAttached(),
      routerConnected(),
      connectorSeen('c1'),
      connectorGone('c1'),
      connectorSeen('c1'),
    )
    await test.run(deleteListener('a'))
    assert.deepEqual(
      (await watch.rest()).map(({ value }) => value),
      [false, true, false, true, false, true, false],
    )
  })

  it('rejects a missing listener', async () => {
    await using test = await TestEngine.start()
    const { signal } = new AbortController()
    assert.throws(() => test.engine.watch.hasMatchingConnector('west', 'a', signal), { code: 'NOT_FOUND' })
    assert.throws(() => test.engine.watch.ready('west', 'a', signal), { code: 'NOT_FOUND' })
  })
})

describe('ready watch', () => {
  it('emits changes of status, reason or message', async () => {
    await using test = await TestEngine.start()
    const { uid } = await test.run(createListener('backend'))
    const watch = watchOf(signal => test.engine.watch.ready('west', 'backend', signal))
    await test.run(updateRoutingKey('backend', 'api'))
    await test.routerReports(routerAttached(), routerConnected(), listenerAccepted(2, { uid }))
    await test.routerReports(connectorSeen('c1', { routingKey: 'api' }), routerLost('no route'))
    await test.run(deleteListener('backend'))
    assert.deepEqual(
      (await watch.rest()).map(({ status, message }) => `${status}: ${message}`),
      [
        'False: No router attached',
        'Unknown: Connecting',
        'False: Not Configured',
        'False: No matching connectors',
        'True: OK',
        'Unknown: The router does not respond: no route',
        'Unknown: The listener was deleted',
      ],
    )
  })
})

describe('routerConfig watch', () => {
  it('emits the whole configuration and then added, removed and changed entities', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('a'))
    const watch = watchOf(signal => test.engine.watch.routerConfig('west', signal))
    await test.run(createConnector('c', { tlsCredentials: 'certs' }))
    await test.run({ ...createConnector('c'), namespace: 'east' })
    await test.run(updateRoutingKey('a', 'api'))
    await test.run(deleteListener('a'))
    const [first, added, changed, removed, ...others] = await watch.rest()
    assert.deepEqual(others, [])
    const names = (entities: readonly { name: string }[] = []) => entities.map(({ name }) => name).sort()
    assert.ok(names(first?.config.entities).includes('listener/a'))
    assert.deepEqual(names(added?.added), ['certs-profile', 'connector/c'])
    assert.deepEqual(
      changed?.changed.map(({ name, before, after }) => [name, before, after]),
      [
        [
          'listener/a',
          { name: 'listener/a', host: 'a', port: '8080', address: 'backend', observer: 'auto' },
          { name: 'listener/a', host: 'a', port: '8080', address: 'api', observer: 'auto' },
        ],
      ],
    )
    assert.deepEqual(names(removed?.removed), ['listener/a'])
    assert.deepEqual(removed?.config.entities, test.engine.read.routerConfig('west').entities)
    assert.equal(removed?.config.position, removed?.position)
  })

  it('emits a change when the site is created', async () => {
    await using test = await TestEngine.start()
    const watch = watchOf(signal => test.engine.watch.routerConfig('west', signal))
    const site = { apiVersion: 'skupper.io/v2alpha1', kind: 'Site', metadata: { name: 'west-site', namespace: 'west' } }
    await test.engine.apply([site], {
      caller: { actor: 'alice', via: 'graphql' as const, correlationId: crypto.randomUUID() },
    })
    const [, change] = await watch.take(2)
    assert.deepEqual(change?.removed.map(({ type, name }) => `${type} ${name}`).sort(), ['router west', 'site west'])
    assert.deepEqual(change?.added.map(({ type, name }) => `${type} ${name}`).sort(), [
      'router west-site',
      'site west-site',
    ])
  })
})

describe('events watch', () => {
  it('emits matching events from now on, without bookkeeping events', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('a'))
    const all = watchOf(signal => test.engine.watch.events({}, signal))
    const hosts = watchOf(signal => test.engine.watch.events({ namespace: 'west', types: ['HostUpdated'] }, signal))
    await test.run(updateHost('a', 'shop'))
    await test.run(updatePort('a', 9090))
    assert.deepEqual(
      (await all.rest()).map(({ type }) => type),
      ['HostUpdated', 'PortUpdated'],
    )
    assert.deepEqual(
      (await hosts.rest()).map(({ type }) => type),
      ['HostUpdated'],
    )
  })
})

describe('watch', () => {
  it('ends when its reader leaves and when the engine closes', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('a'))
    const aborted = watchOf(signal => test.engine.watch.resource('Listener', 'west', 'a', signal))
    const closed = watchOf(signal => test.engine.watch.resource('Listener', 'west', 'a', signal))
    await Promise.all([aborted.take(1), closed.take(1)])
    const ends = Promise.all([aborted.next(), closed.next()])
    aborted.abort()
    await test.stop()
    assert.deepEqual(
      (await ends).map(({ done }) => done),
      [true, true],
    )
  })

  it('emits nothing if it is aborted before it begins', async () => {
    await using test = await TestEngine.start()
    const watch = test.engine.watch.events({}, AbortSignal.abort())
    await test.run(createListener('a'))
    for await (const event of watch) assert.fail(`emitted ${event.type}`)
  })
})
