import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { freePort } from '../contract/router/fixtures.ts'
import { clock } from '../fakes/virtual-clock.ts'
import {
  conditionOf,
  inWords,
  isReady,
  type ListenerSeen,
  PENDING,
  READY,
  RouterTestbed,
  WEST,
} from '../support/router-testbed.ts'

/** A listener that is Ready by a connector at the other site. */
const readyStage = async (): Promise<RouterTestbed> => {
  const stage = await RouterTestbed.start()
  const watch = await stage.watch('backend')
  await stage.createConnector('backend')
  await stage.createListener('backend', { port: await freePort() })
  await watch.until(isReady)
  await stage.settled()
  return stage
}

const readyReason = (listener: ListenerSeen): string => conditionOf(listener, 'Ready').reason
const isUnobserved = (listener: ListenerSeen): boolean =>
  listener.status.conditions.every(({ status, reason }) => status === 'Unknown' && reason === 'NotObserved')

/** The reasons of Ready, each once. */
const reasons = (changes: readonly { readonly listener: ListenerSeen }[]): string[] =>
  changes.map(({ listener }) => readyReason(listener)).filter((reason, index, all) => reason !== all[index - 1])

describe('an engine that starts', { concurrency: true }, () => {
  for (const [end, how] of [
    ['stopHark', 'that ended in good order'],
    ['crashHark', 'that crashed'],
  ] as const) {
    test(`after one ${how} shows a router as not observed, and then its state`, async () => {
      await using stage = await readyStage()
      await stage[end]()
      await stage.startHark()
      const watch = await stage.watch('backend')
      const { listener } = await watch.until(isReady)
      assert.equal(inWords(listener), READY)
      assert.ok(['Ready', 'NotObserved,Ready'].includes(reasons(watch.changes).join()), reasons(watch.changes).join())
      const told = (await stage.events(WEST)).map(({ type }) => type)
      const unobserved = told.lastIndexOf('RouterUnobserved')
      assert.deepEqual(told.slice(unobserved), ['RouterUnobserved', 'RouterDriverChanged', 'RouterConnected'])
    })

    test(`after one ${how} shows no Ready for a router that went away meanwhile`, async () => {
      await using stage = await readyStage()
      await stage[end]()
      await stage.west.kill()
      await stage.startHark()
      const watch = await stage.watch('backend')
      assert.ok(isUnobserved(await stage.listener('backend')))
      await stage.west.start()
      await watch.until(isReady)
      assert.equal(
        watch.changes.findIndex(({ listener }) => isReady(listener)),
        watch.changes.length - 1,
      )
    })

    test(`after one ${how} shows that the only connector is gone, without Ready or Error before`, async () => {
      await using stage = await readyStage()
      await stage[end]()
      await stage.east.kill()
      await stage.startHark()
      const watch = await stage.watch('backend')
      const { listener } = await watch.until(seen => !isUnobserved(seen))
      assert.equal(inWords(listener), PENDING)
      await stage.east.start()
      await watch.until(isReady)
      assert.deepEqual(
        reasons(watch.changes).filter(reason => reason !== 'NotObserved'),
        ['Pending', 'Ready'],
      )
    })
  }

  test('after a short loss of the connection shows that the only connector is gone, without Error', async () => {
    await using stage = await readyStage()
    const watch = await stage.watch('backend')
    await watch.until(isReady)
    stage.west.dropClients()
    await stage.east.kill()
    const killedAt = clock.now()
    await watch.until(seen => inWords(seen) === PENDING, { since: killedAt })
    assert.deepEqual(
      reasons(watch.changes.filter(({ at }) => at >= killedAt)).filter(reason => reason !== 'Ready'),
      ['Pending'],
    )
  })

  test('shows a router that does not answer as unreachable after the grace period', async () => {
    await using stage = await RouterTestbed.start({ graceSeconds: 1 })
    await stage.createListener('backend', { port: await freePort() })
    await stage.crashHark()
    await stage.west.kill()
    await stage.startHark()
    const watch = await stage.watch('backend')
    await watch.until(seen => readyReason(seen) === 'RouterUnreachable')
    assert.deepEqual(reasons(watch.changes), ['NotObserved', 'RouterUnreachable'])
  })
})
