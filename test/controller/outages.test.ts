import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { freePort } from '../contract/router/fixtures.ts'
import { clock, eventually } from '../fakes/virtual-clock.ts'
import {
  conditionOf,
  inWords,
  isReady,
  PENDING,
  READY,
  RouterTestbed,
  type StageOptions,
  type Watch,
  WEST,
} from '../support/router-testbed.ts'

/** A listener that is Ready by a connector at the other site. */
const readyStage = async (options: StageOptions = {}): Promise<{ stage: RouterTestbed; watch: Watch }> => {
  const stage = await RouterTestbed.start(options)
  const watch = await stage.watch('backend')
  await stage.createConnector('backend')
  await stage.createListener('backend', { port: await freePort() })
  await watch.until(isReady)
  await stage.settled()
  return { stage, watch }
}

const now = () => clock.now()

/** The types of the events of a site after the first so many, but those that tell of `settled(SINCE)`. */
const toldSince = async (stage: RouterTestbed, count: number): Promise<string[]> =>
  (await stage.events(WEST))
    .slice(count)
    .filter(({ data }) => data.name !== SINCE && data.routingKey !== SINCE)
    .map(({ type }) => type)

const SINCE = 'since'

/** What is said while the router lets nobody in and the network still has the connector. */
const NOT_LET_IN =
  /^False, True, False, Pending, The router has (closed 127\.0\.0\.1:\d+|no link to any other router), true$/

describe('listener status', { concurrency: true }, () => {
  test('follows a remote router that is killed and comes back', async () => {
    const { stage, watch } = await readyStage()
    await using _ = stage
    await stage.east.kill()
    const killedAt = now()
    const closed = await watch.until(seen => !isReady(seen), { since: killedAt })
    assert.match(inWords(closed.listener), NOT_LET_IN)
    // Long before the silence of its VanFlow shows that it is gone.
    assert.ok(closed.at - killedAt < 5000, `it took ${closed.at - killedAt} ms`)
    const lost = await watch.until(seen => inWords(seen) === PENDING, { since: killedAt })
    assert.ok(lost.at - killedAt < 15_000, `it took ${lost.at - killedAt} ms`)
    await stage.east.start()
    const startedAt = now()
    const back = await watch.until(isReady, { since: startedAt })
    assert.ok(back.at - startedAt < 5000, `it took ${back.at - startedAt} ms`)
  })

  test('follows a link that is cut and restored', async () => {
    const { stage, watch } = await readyStage()
    await using _ = stage
    stage.network.cutLink(stage.east, stage.west)
    const cutAt = now()
    const closed = await watch.until(seen => !isReady(seen), { since: cutAt })
    assert.match(inWords(closed.listener), NOT_LET_IN)
    assert.ok(closed.at - cutAt < 5000, `it took ${closed.at - cutAt} ms`)
    const lost = await watch.until(seen => inWords(seen) === PENDING, { since: cutAt })
    assert.ok(lost.at - cutAt < 15_000, `it took ${lost.at - cutAt} ms`)
    stage.network.restoreLink(stage.east, stage.west)
    const restoredAt = now()
    const back = await watch.until(isReady, { since: restoredAt })
    assert.ok(back.at - restoredAt < 5000, `it took ${back.at - restoredAt} ms`)
    assert.deepEqual(watch.words(lost.at), [PENDING, READY])
  })

  test('keeps the connector while the link is cut for a moment', async () => {
    const { stage, watch } = await readyStage()
    await using _ = stage
    const before = (await stage.events(WEST)).length
    stage.network.cutLink(stage.east, stage.west)
    const cutAt = now()
    const { at } = await watch.until(seen => !isReady(seen), { since: cutAt })
    stage.network.restoreLink(stage.east, stage.west)
    await watch.until(isReady, { since: at })
    await stage.settled(SINCE)
    const words = watch.words(cutAt)
    assert.equal(words.at(-1), READY)
    for (const word of words.slice(0, -1)) assert.match(word, NOT_LET_IN)
    const told = await toldSince(stage, before)
    assert.ok(!told.includes('ConnectorGone'), `${told}`)
  })

  test('is Unknown after the grace period while the router is down', async () => {
    const { stage, watch } = await readyStage({ graceSeconds: 3 })
    await using _ = stage
    await stage.west.kill()
    const killedAt = now()
    const lost = await watch.until(seen => !isReady(seen), { since: killedAt })
    assert.ok(lost.at - killedAt > 2900, `after ${lost.at - killedAt} ms`)
    assert.ok(lost.at - killedAt < 5000, `after ${lost.at - killedAt} ms`)
    for (const { status, message } of lost.listener.status.conditions) {
      assert.equal(status, 'Unknown')
      assert.match(message, /^The router does not answer: /)
    }
    await stage.west.start()
    const startedAt = now()
    const back = await watch.until(isReady, { since: startedAt })
    assert.equal(inWords(back.listener), READY)
    assert.ok(back.at - startedAt < 5000, `it took ${back.at - startedAt} ms`)
    assert.ok(stage.entityNames(stage.west, 'tcpListener').includes('listener/backend'))
  })

  test('does not change if the router restarts within the grace period', async () => {
    const { stage, watch } = await readyStage()
    await using _ = stage
    const before = (await stage.events(WEST)).length
    await stage.west.restart()
    const startedAt = now()
    await eventually(() =>
      stage.west
        .reports('tcpListener')
        .some(({ name, operStatus }) => name === 'listener/backend' && operStatus === 'up'),
    )
    assert.ok(now() - startedAt < 5000)
    await stage.settled(SINCE)
    assert.deepEqual(watch.words(startedAt), [])
    assert.deepEqual(await toldSince(stage, before), [])
  })

  test('changes at the end of the grace period if the restarted router finds the link cut', async () => {
    const { stage, watch } = await readyStage({ graceSeconds: 4 })
    await using _ = stage
    const cutAt = now()
    stage.network.cutLink(stage.east, stage.west)
    await stage.west.restart()
    const { at, listener } = await watch.until(seen => !isReady(seen), { since: cutAt })
    // That the connector is gone is known only when its silence has lasted for ten seconds.
    assert.match(inWords(listener), NOT_LET_IN)
    assert.ok(at - cutAt > 3000, `after ${at - cutAt} ms`)
  })

  test('does not change if only the connection breaks', async () => {
    const { stage, watch } = await readyStage()
    await using _ = stage
    const before = (await stage.events(WEST)).length
    stage.west.dropClients()
    const droppedAt = now()
    const name = 'after'
    await stage.createListener(name, { port: await freePort() })
    await eventually(() => stage.entityNames(stage.west, 'tcpListener').includes(`listener/${name}`))
    await stage.settled(SINCE)
    assert.deepEqual(watch.words(droppedAt), [])
    assert.deepEqual(await toldSince(stage, before), ['ListenerCreated', 'ListenerAccepted'])
  })

  test('does not change if Hark restarts, and nothing is sent again', async () => {
    const { stage } = await readyStage()
    await using _ = stage
    const before = (await stage.events(WEST)).length
    const lives = stage.west.creationCount('listener/backend')
    await stage.stopHark()
    await stage.startHark()
    await stage.connected()
    await stage.settled(SINCE)
    assert.equal(stage.west.creationCount('listener/backend'), lives)
    assert.deepEqual(await toldSince(stage, before), ['RouterUnobserved', 'RouterDriverChanged', 'RouterConnected'])
    assert.ok(isReady(await stage.listener('backend')))
  })

  test('shows after a restart what changed during it', async () => {
    const { stage } = await readyStage()
    await using _ = stage
    await stage.stopHark()
    await stage.west.manage('DELETE', 'io.skupper.router.tcpListener', 'listener/backend')
    await stage.east.manage('DELETE', 'io.skupper.router.tcpConnector', 'connector/first')
    await stage.startHark()
    await eventually(() => stage.west.creationCount('listener/backend') === 2)
    await eventually(async () => isReady(await stage.listener('backend')))
    await eventually(() => stage.east.creationCount('connector/first') === 2)
    assert.equal(conditionOf(await stage.listener('backend'), 'Configured').status, 'True')
  })
})
