import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { freePort } from '../contract/router/fixtures.ts'
import { clock } from '../fakes/virtual-clock.ts'
import {
  conditionOf,
  isReady,
  PENDING,
  READY,
  RouterTestbed,
  type ShownListener,
  summaryOf,
  WEST,
} from '../support/router-testbed.ts'

/** A listener that is Ready by a connector at the other site. */
const readyTestbed = async (): Promise<RouterTestbed> => {
  const testbed = await RouterTestbed.start()
  const watch = await testbed.watch('backend')
  await testbed.createConnector('backend')
  await testbed.createListener('backend', { port: await freePort() })
  await watch.until(isReady)
  await testbed.settled()
  return testbed
}

const readyReason = (listener: ShownListener): string => conditionOf(listener, 'Ready').reason
const isUnobserved = (listener: ShownListener): boolean =>
  listener.status.conditions.every(({ status, reason }) => status === 'Unknown' && reason === 'NotObserved')

/** The reasons of Ready, each once. */
const reasons = (changes: readonly { readonly listener: ShownListener }[]): string[] =>
  changes.map(({ listener }) => readyReason(listener)).filter((reason, index, all) => reason !== all[index - 1])

describe('an engine that starts', { concurrency: true }, () => {
  for (const [end, how] of [
    ['stopHark', 'that shut down gracefully'],
    ['crashHark', 'that crashed'],
  ] as const) {
    test(`after one ${how} shows a router as not observed, and then its state`, async () => {
      await using testbed = await readyTestbed()
      await testbed[end]()
      await testbed.startHark()
      const watch = await testbed.watch('backend')
      const { listener } = await watch.until(isReady)
      assert.equal(summaryOf(listener), READY)
      assert.ok(['Ready', 'NotObserved,Ready'].includes(reasons(watch.changes).join()), reasons(watch.changes).join())
      const types = (await testbed.events(WEST)).map(({ type }) => type)
      const unobserved = types.lastIndexOf('RouterUnobserved')
      assert.deepEqual(types.slice(unobserved), ['RouterUnobserved', 'RouterDriverChanged', 'RouterConnected'])
    })

    test(`after one ${how} shows no Ready for a router that went away meanwhile`, async () => {
      await using testbed = await readyTestbed()
      await testbed[end]()
      await testbed.west.kill()
      await testbed.startHark()
      const watch = await testbed.watch('backend')
      assert.ok(isUnobserved(await testbed.listener('backend')))
      await testbed.west.start()
      await watch.until(isReady)
      assert.equal(
        watch.changes.findIndex(({ listener }) => isReady(listener)),
        watch.changes.length - 1,
      )
    })

    test(`after one ${how} shows that the only connector is gone, without Ready or Error before`, async () => {
      await using testbed = await readyTestbed()
      await testbed[end]()
      await testbed.east.kill()
      await testbed.startHark()
      const watch = await testbed.watch('backend')
      const { listener } = await watch.until(seen => !isUnobserved(seen))
      assert.equal(summaryOf(listener), PENDING)
      await testbed.east.start()
      await watch.until(isReady)
      assert.deepEqual(
        reasons(watch.changes).filter(reason => reason !== 'NotObserved'),
        ['Pending', 'Ready'],
      )
    })
  }

  test('after a short loss of the connection shows that the only connector is gone, without Error', async () => {
    await using testbed = await readyTestbed()
    const watch = await testbed.watch('backend')
    await watch.until(isReady)
    testbed.west.dropClients()
    await testbed.east.kill()
    const killedAt = clock.now()
    await watch.until(seen => summaryOf(seen) === PENDING, { since: killedAt })
    assert.deepEqual(
      reasons(watch.changes.filter(({ at }) => at >= killedAt)).filter(reason => reason !== 'Ready'),
      ['Pending'],
    )
  })

  test('shows a router that does not respond as unreachable after the grace period', async () => {
    await using testbed = await RouterTestbed.start({ graceSeconds: 1 })
    await testbed.createListener('backend', { port: await freePort() })
    await testbed.crashHark()
    await testbed.west.kill()
    await testbed.startHark()
    const watch = await testbed.watch('backend')
    await watch.until(seen => readyReason(seen) === 'RouterUnreachable')
    assert.deepEqual(reasons(watch.changes), ['NotObserved', 'RouterUnreachable'])
  })
})
