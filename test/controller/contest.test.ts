import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import { startHark } from '../../src/app.ts'
import { Contest } from '../../src/controller/lease/contest.ts'
import { freePort } from '../contract/router/fixtures.ts'
import { silentLogger } from '../fakes/silent-logger.ts'
import { clock, eventually } from '../fakes/virtual-clock.ts'
import { isReady, RouterTestbed, WEST } from '../support/router-testbed.ts'
import { scratchFolder } from '../support/scratch-folder.ts'

const OWN = 'host/1 for west'
const RIVAL = 'hark/host/2 for west#6b8a2a0e'

const setUp = (isKnown = false) => {
  let now = 0
  const contest = new Contest(OWN, isKnown, () => now)
  return {
    contest,
    pass: (ms: number) => {
      now += ms
    },
  }
}

const undoneThrice = (contest: Contest, entity = 'listener/a'): void => {
  for (let times = 0; times < 3; times += 1) contest.undone(entity)
}

describe('a router', () => {
  it('is not contested where somebody changes this and that, or the same now and then', () => {
    const { contest, pass } = setUp()
    for (const entity of ['a', 'a', 'b', 'c', 'b']) contest.undone(entity)
    pass(60_000)
    contest.undone('a')
    assert.equal(contest.message, undefined)
    assert.ok(!contest.leaves('a'))
  })

  it('is contested where an entity is undone three times within a minute, and that is left alone', () => {
    const { contest } = setUp()
    undoneThrice(contest)
    assert.match(contest.message ?? '', /^Something else changes listener\/a on this router again and again/)
    assert.ok(contest.leaves('listener/a'))
    assert.ok(!contest.leaves('listener/b'))
    contest.undone('listener/b')
    assert.ok(contest.leaves('listener/b'))
  })

  it('is contested at once where another Hark is connected, which is named; this one is none', () => {
    const { contest } = setUp()
    contest.review([`hark/${OWN}#1`, 'qdmanage', 'east'])
    contest.undone('listener/a')
    assert.equal(contest.message, undefined)
    contest.review([`hark/${OWN}#1`, RIVAL, 'hark-6b8a2a0e'])
    contest.undone('listener/a')
    assert.equal(contest.message, 'Another Hark drives this router as well: 6b8a2a0e, host/2 for west')
  })

  it('is tried again at once when the other Hark has gone, and not before', () => {
    const { contest, pass } = setUp()
    contest.review([RIVAL])
    contest.undone('listener/a')
    pass(600_000)
    assert.equal(contest.review([RIVAL]), false)
    assert.equal(contest.review([]), true)
    assert.ok(!contest.leaves('listener/a'))
    assert.notEqual(contest.message, undefined)
    pass(15_000)
    contest.review([])
    assert.equal(contest.message, undefined)
  })

  it('is tried again ever less often where it is not known who undoes it', () => {
    const { contest, pass } = setUp()
    undoneThrice(contest)
    for (const wait of [30_000, 60_000, 120_000, 240_000, 300_000, 300_000]) {
      pass(wait - 1)
      assert.equal(contest.review([]), false)
      pass(1)
      assert.equal(contest.review([]), true)
      contest.undone('listener/a')
      assert.ok(contest.leaves('listener/a'))
    }
  })

  it('that the log says is contested is watched until it is quiet', () => {
    const { contest, pass } = setUp(true)
    assert.notEqual(contest.message, undefined)
    contest.undone('listener/a')
    assert.ok(contest.leaves('listener/a'))
    const { contest: other, pass: passOther } = setUp(true)
    passOther(15_000)
    other.review([])
    assert.equal(other.message, undefined)
    pass(0)
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
      logLevel: 'silent',
    },
    silentLogger,
    clock,
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

test('two Harks with stores of their own do not undo each other, and the one that yields says so', async () => {
  await using stage = await RouterTestbed.start()
  const watch = await stage.watch('backend')
  await stage.createConnector('backend')
  await stage.createListener('backend', { port: await freePort() })
  const { at } = await watch.until(isReady)
  await using rival = await startRival(stage.west.url)
  const { url } = rival.hark
  // To the second one what the first one made is a leftover; but its maker is still there.
  await eventually(isContested(url))
  assert.equal(await contestedMetric(url), '1')
  const spec = { routingKey: 'backend', host: '127.0.0.1', port: await freePort() }
  await graphql(url, CREATE, { input: { namespace: WEST, name: 'backend', spec } })
  await eventually(async () => /^Another Hark drives/.test((await configuredAt(url, 'backend')).message))
  assert.equal((await configuredAt(url, 'backend')).status, 'False')
  // What is not fought over goes on.
  await graphql(url, CREATE, { input: { namespace: WEST, name: 'other', spec: { ...spec, host: '127.0.0.2' } } })
  await eventually(isContested(stage.url))
  assert.equal(stage.west.livesOf('listener/backend'), 1)
  assert.deepEqual(
    watch.changes.filter(change => change.at > at && !isReady(change.listener)),
    [],
  )
  await stage.stopHark()
  await eventually(async () => (await configuredAt(url, 'backend')).status === 'True', 30_000)
  await eventually(async () => (await messageAt(url)) === 'OK', 30_000)
  assert.equal(await contestedMetric(url), '0')
})
