import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { freePort } from '../contract/router/fixtures.ts'
import { clock, eventually } from '../fakes/virtual-clock.ts'
import {
  conditionOf,
  isReady,
  PENDING,
  READY,
  RouterTestbed,
  summaryOf,
  type TestbedOptions,
  type Watch,
  WEST,
} from '../support/router-testbed.ts'

/** A listener that is Ready by a connector at the other site. */
const readyTestbed = async (options: TestbedOptions = {}): Promise<{ testbed: RouterTestbed; watch: Watch }> => {
  const testbed = await RouterTestbed.start(options)
  const watch = await testbed.watch('backend')
  await testbed.createConnector('backend')
  await testbed.createListener('backend', { port: await freePort() })
  await watch.until(isReady)
  await testbed.settled()
  return { testbed, watch }
}

const now = () => clock.now()

/** The types of later events of a site, without those of `settled(SINCE)`. */
const typesSince = async (testbed: RouterTestbed, count: number): Promise<string[]> =>
  (await testbed.events(WEST))
    .slice(count)
    .filter(({ data }) => data.name !== SINCE && data.routingKey !== SINCE)
    .map(({ type }) => type)

const SINCE = 'since'

/** The message while the router refuses connections and the network still has the connector. */
const NOT_LET_IN =
  /^False, True, False, Pending, The router has (closed 127\.0\.0\.1:\d+|no link to any other router), true$/

describe('listener status', { concurrency: true }, () => {
  test('follows a remote router that is killed and comes back', async () => {
    const { testbed, watch } = await readyTestbed()
    await using _ = testbed
    await testbed.east.kill()
    const killedAt = now()
    const closed = await watch.until(seen => !isReady(seen), { since: killedAt })
    assert.match(summaryOf(closed.listener), NOT_LET_IN)
    // Long before the silence of its VanFlow shows that it is gone.
    assert.ok(closed.at - killedAt < 5000, `it took ${closed.at - killedAt} ms`)
    const lost = await watch.until(seen => summaryOf(seen) === PENDING, { since: killedAt })
    assert.ok(lost.at - killedAt < 15_000, `it took ${lost.at - killedAt} ms`)
    await testbed.east.start()
    const startedAt = now()
    const back = await watch.until(isReady, { since: startedAt })
    assert.ok(back.at - startedAt < 5000, `it took ${back.at - startedAt} ms`)
  })

  test('follows a link that is cut and restored', async () => {
    const { testbed, watch } = await readyTestbed()
    await using _ = testbed
    testbed.network.cutLink(testbed.east, testbed.west)
    const cutAt = now()
    const closed = await watch.until(seen => !isReady(seen), { since: cutAt })
    assert.match(summaryOf(closed.listener), NOT_LET_IN)
    assert.ok(closed.at - cutAt < 5000, `it took ${closed.at - cutAt} ms`)
    const lost = await watch.until(seen => summaryOf(seen) === PENDING, { since: cutAt })
    assert.ok(lost.at - cutAt < 15_000, `it took ${lost.at - cutAt} ms`)
    testbed.network.restoreLink(testbed.east, testbed.west)
    const restoredAt = now()
    const back = await watch.until(isReady, { since: restoredAt })
    assert.ok(back.at - restoredAt < 5000, `it took ${back.at - restoredAt} ms`)
    assert.deepEqual(watch.summaries(lost.at), [PENDING, READY])
  })

  test('keeps the connector while the link is cut for a moment', async () => {
    const { testbed, watch } = await readyTestbed()
    await using _ = testbed
    const before = (await testbed.events(WEST)).length
    testbed.network.cutLink(testbed.east, testbed.west)
    const cutAt = now()
    const { at } = await watch.until(seen => !isReady(seen), { since: cutAt })
    testbed.network.restoreLink(testbed.east, testbed.west)
    await watch.until(isReady, { since: at })
    await testbed.settled(SINCE)
    const words = watch.summaries(cutAt)
    assert.equal(words.at(-1), READY)
    for (const word of words.slice(0, -1)) assert.match(word, NOT_LET_IN)
    const types = await typesSince(testbed, before)
    assert.ok(!types.includes('ConnectorGone'), `${types}`)
  })

  test('is Unknown after the grace period while the router is down', async () => {
    const { testbed, watch } = await readyTestbed({ graceSeconds: 3 })
    await using _ = testbed
    await testbed.west.kill()
    const killedAt = now()
    const lost = await watch.until(seen => !isReady(seen), { since: killedAt })
    assert.ok(lost.at - killedAt > 2900, `after ${lost.at - killedAt} ms`)
    assert.ok(lost.at - killedAt < 5000, `after ${lost.at - killedAt} ms`)
    for (const { status, message } of lost.listener.status.conditions) {
      assert.equal(status, 'Unknown')
      assert.match(message, /^The router does not respond: /)
    }
    await testbed.west.start()
    const startedAt = now()
    const back = await watch.until(isReady, { since: startedAt })
    assert.equal(summaryOf(back.listener), READY)
    assert.ok(back.at - startedAt < 5000, `it took ${back.at - startedAt} ms`)
    assert.ok(testbed.entityNames(testbed.west, 'tcpListener').includes('listener/backend'))
  })

  test('does not change if the router restarts within the grace period', async () => {
    const { testbed, watch } = await readyTestbed()
    await using _ = testbed
    const before = (await testbed.events(WEST)).length
    await testbed.west.restart()
    const startedAt = now()
    await eventually(() =>
      testbed.west
        .reports('tcpListener')
        .some(({ name, operStatus }) => name === 'listener/backend' && operStatus === 'up'),
    )
    assert.ok(now() - startedAt < 5000)
    await testbed.settled(SINCE)
    assert.deepEqual(watch.summaries(startedAt), [])
    assert.deepEqual(await typesSince(testbed, before), [])
  })

  test('changes at the end of the grace period if the restarted router finds the link cut', async () => {
    const { testbed, watch } = await readyTestbed({ graceSeconds: 4 })
    await using _ = testbed
    const cutAt = now()
    testbed.network.cutLink(testbed.east, testbed.west)
    await testbed.west.restart()
    const { at, listener } = await watch.until(seen => !isReady(seen), { since: cutAt })
    // That the connector is gone is known only when its silence has lasted for ten seconds.
    assert.match(summaryOf(listener), NOT_LET_IN)
    assert.ok(at - cutAt > 3000, `after ${at - cutAt} ms`)
  })

  test('does not change if only the connection breaks', async () => {
    const { testbed, watch } = await readyTestbed()
    await using _ = testbed
    const before = (await testbed.events(WEST)).length
    testbed.west.dropClients()
    const droppedAt = now()
    const name = 'after'
    await testbed.createListener(name, { port: await freePort() })
    await eventually(() => testbed.entityNames(testbed.west, 'tcpListener').includes(`listener/${name}`))
    await testbed.settled(SINCE)
    assert.deepEqual(watch.summaries(droppedAt), [])
    assert.deepEqual(await typesSince(testbed, before), ['ListenerCreated', 'ListenerAccepted'])
  })

  test('does not change if Hark restarts, and nothing is sent again', async () => {
    const { testbed } = await readyTestbed()
    await using _ = testbed
    const before = (await testbed.events(WEST)).length
    const lives = testbed.west.creationCount('listener/backend')
    await testbed.stopHark()
    await testbed.startHark()
    await testbed.connected()
    await testbed.settled(SINCE)
    assert.equal(testbed.west.creationCount('listener/backend'), lives)
    assert.deepEqual(await typesSince(testbed, before), ['RouterUnobserved', 'RouterDriverChanged', 'RouterConnected'])
    assert.ok(isReady(await testbed.listener('backend')))
  })

  test('shows after a restart what changed during it', async () => {
    const { testbed } = await readyTestbed()
    await using _ = testbed
    await testbed.stopHark()
    await testbed.west.manage('DELETE', 'io.skupper.router.tcpListener', 'listener/backend')
    await testbed.east.manage('DELETE', 'io.skupper.router.tcpConnector', 'connector/first')
    await testbed.startHark()
    await eventually(() => testbed.west.creationCount('listener/backend') === 2)
    await eventually(async () => isReady(await testbed.listener('backend')))
    await eventually(() => testbed.east.creationCount('connector/first') === 2)
    assert.equal(conditionOf(await testbed.listener('backend'), 'Configured').status, 'True')
  })
})
