import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import { startHark } from '../../src/app.ts'
import { DriverConflict } from '../../src/controller/lease/driver-conflict.ts'
import { freePort } from '../contract/router/fixtures.ts'
import { silentLogger } from '../fakes/silent-logger.ts'
import { clock, eventually } from '../fakes/virtual-clock.ts'
import { isReady, RouterTestbed, WEST } from '../support/router-testbed.ts'
import { scratchFolder } from '../support/scratch-folder.ts'

const OWN = 'host/1 for west'
const RIVAL = 'hark/host/2 for west#6b8a2a0e'

const setUp = (isKnown = false) => {
  let now = 0
  const conflict = new DriverConflict(OWN, isKnown, () => now)
  return {
    conflict,
    pass: (ms: number) => {
      now += ms
    },
  }
}

const undoneThrice = (conflict: DriverConflict, entity = 'listener/a'): void => {
  for (let times = 0; times < 3; times += 1) conflict.recordRevert(entity)
}

describe('DriverConflict', () => {
  it('starts with no change of different entities, or of one entity rarely', () => {
    const { conflict, pass } = setUp()
    for (const entity of ['a', 'a', 'b', 'c', 'b']) conflict.recordRevert(entity)
    pass(60_000)
    conflict.recordRevert('a')
    assert.equal(conflict.message, undefined)
    assert.ok(!conflict.yields('a'))
  })

  it('starts when an entity is undone three times within a minute, and yields it', () => {
    const { conflict } = setUp()
    undoneThrice(conflict)
    assert.match(conflict.message ?? '', /^Something else changes listener\/a on this router again and again/)
    assert.ok(conflict.yields('listener/a'))
    assert.ok(!conflict.yields('listener/b'))
    conflict.recordRevert('listener/b')
    assert.ok(conflict.yields('listener/b'))
  })

  it('starts with the first undone entity if another Hark is connected, and names that', () => {
    const { conflict } = setUp()
    conflict.update([`hark/${OWN}#1`, 'qdmanage', 'east'])
    conflict.recordRevert('listener/a')
    assert.equal(conflict.message, undefined)
    conflict.update([`hark/${OWN}#1`, RIVAL, 'hark-6b8a2a0e'])
    conflict.recordRevert('listener/a')
    assert.equal(conflict.message, 'Another Hark drives this router as well: 6b8a2a0e, host/2 for west')
  })

  it('tries again as soon as the other Hark is gone, and not before', () => {
    const { conflict, pass } = setUp()
    conflict.update([RIVAL])
    conflict.recordRevert('listener/a')
    pass(600_000)
    assert.equal(conflict.update([RIVAL]), false)
    assert.equal(conflict.update([]), true)
    assert.ok(!conflict.yields('listener/a'))
    assert.notEqual(conflict.message, undefined)
    pass(15_000)
    conflict.update([])
    assert.equal(conflict.message, undefined)
  })

  it('tries again less and less often if the other is unknown', () => {
    const { conflict, pass } = setUp()
    undoneThrice(conflict)
    for (const wait of [30_000, 60_000, 120_000, 240_000, 300_000, 300_000]) {
      pass(wait - 1)
      assert.equal(conflict.update([]), false)
      pass(1)
      assert.equal(conflict.update([]), true)
      conflict.recordRevert('listener/a')
      assert.ok(conflict.yields('listener/a'))
    }
  })

  it('lasts across a restart until nothing is undone', () => {
    const { conflict } = setUp(true)
    assert.notEqual(conflict.message, undefined)
    conflict.recordRevert('listener/a')
    assert.ok(conflict.yields('listener/a'))
    const { conflict: other, pass: passOther } = setUp(true)
    passOther(15_000)
    other.update([])
    assert.equal(other.message, undefined)
  })
})

/** Another Hark, with a store of its own, that drives the west as well. */
const startRival = async (url: string) => {
  const folder = await scratchFolder()
  const hark = await startHark(
    {
      host: '127.0.0.1',
      port: 0,
      data: folder.path,
      store: { kind: 'sqlite', file: `${folder.path}/events.db` },
      routers: [{ namespace: WEST, url }],
      routerGrace: 10,
      checkpointSeconds: 60,
      listenerMetrics: 0,
      logLevel: 'silent',
      logFormat: 'numbers',
    },
    silentLogger,
    { clock, historyInThisThread: true },
  )
  return {
    hark,
    [Symbol.asyncDispose]: async () => {
      await hark.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}

const graphql = async (url: string, query: string, variables: object = {}) => {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  })
  return ((await response.json()) as { data: Record<string, never> }).data
}

const ROUTER = '{ sites { metadata { namespace } router { connection message } } }'
const messageAt = async (url: string): Promise<string> => {
  const { sites } = (await graphql(url, ROUTER)) as unknown as {
    sites: { metadata: { namespace: string }; router: { message: string } }[]
  }
  return sites.find(({ metadata }) => metadata.namespace === WEST)?.router.message ?? ''
}
const isContested = (url: string) => async () => /^Another Hark drives this router as well: /.test(await messageAt(url))
const contestedMetric = async (url: string): Promise<string | undefined> =>
  /hark_router_contested\{namespace="west"\} (\d)/.exec(await (await fetch(`${url}/metrics`)).text())?.[1]

const CREATE = 'mutation ($input: CreateListenerInput!) { createListener(input: $input) { position } }'
const CONFIGURED = `query ($namespace: String!, $name: String!) {
  listener(namespace: $namespace, name: $name) { status { conditions { type status message } } }
}`
const configuredAt = async (url: string, name: string): Promise<{ status: string; message: string }> => {
  const { listener } = (await graphql(url, CONFIGURED, { namespace: WEST, name })) as unknown as {
    listener: { status: { conditions: { type: string; status: string; message: string }[] } }
  }
  return listener.status.conditions.find(({ type }) => type === 'Configured')!
}

test('two Harks on one router › do not undo each other, and the one that yields reports it', async () => {
  await using testbed = await RouterTestbed.start()
  const watch = await testbed.watch('backend')
  await testbed.createConnector('backend')
  await testbed.createListener('backend', { port: await freePort() })
  const { at } = await watch.until(isReady)
  await using rival = await startRival(testbed.west.url)
  const { url } = rival.hark
  // To the second one what the first one made is a leftover; but its maker is still there.
  await eventually(isContested(url))
  assert.equal(await contestedMetric(url), '1')
  const spec = { routingKey: 'backend', host: '127.0.0.1', port: await freePort() }
  await graphql(url, CREATE, { input: { namespace: WEST, name: 'backend', spec } })
  await eventually(async () => /^Another Hark drives/.test((await configuredAt(url, 'backend')).message))
  assert.equal((await configuredAt(url, 'backend')).status, 'False')
  // Undisputed entities are still reconciled.
  await graphql(url, CREATE, { input: { namespace: WEST, name: 'other', spec: { ...spec, host: '127.0.0.2' } } })
  await eventually(isContested(testbed.url))
  assert.equal(testbed.west.creationCount('listener/backend'), 1)
  assert.deepEqual(
    watch.changes.filter(change => change.at > at && !isReady(change.listener)),
    [],
  )
  await testbed.stopHark()
  await eventually(async () => (await configuredAt(url, 'backend')).status === 'True', 30_000)
  await eventually(async () => (await messageAt(url)) === 'OK', 30_000)
  assert.equal(await contestedMetric(url), '0')
})
