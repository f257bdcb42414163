import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { LatestTask } from '../../src/console/api/latest-task.ts'

const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

describe('the latest task', () => {
  test('waits for the present one, and replaces those that wait', async () => {
    const tasks = new LatestTask()
    const first = Promise.withResolvers<void>()
    const run: string[] = []
    const add = (name: string, until?: Promise<void>) =>
      tasks.start(async () => {
        run.push(name)
        await until
      }, false)
    add('first', first.promise)
    add('second')
    add('third')
    assert.deepEqual(run, ['first'])
    first.resolve()
    await settled()
    assert.deepEqual(run, ['first', 'third'])
  })

  test('is not started after the end, and a running one is stopped', async () => {
    const tasks = new LatestTask()
    const first = Promise.withResolvers<void>()
    let isStopped = false
    tasks.start(async stop => {
      await first.promise
      isStopped = stop.aborted
    }, false)
    tasks.start(async () => assert.fail('started after the end'), true)
    tasks.end()
    first.resolve()
    await settled()
    assert.equal(isStopped, true)
  })

  for (const [name, isSeen, isUrgent] of [
    ['stops for an urgent one once a part of its result is seen', true, true],
    ['does not stop before a part of its result is seen', false, true],
    ['does not stop for one that is not urgent', true, false],
  ] as const)
    test(name, async () => {
      const tasks = new LatestTask()
      const first = Promise.withResolvers<void>()
      const stopped = Promise.withResolvers<boolean>()
      tasks.start(async (stop, mayStop) => {
        if (isSeen) mayStop()
        await first.promise
        stopped.resolve(stop.aborted)
      }, true)
      tasks.start(async () => undefined, isUrgent)
      first.resolve()
      assert.equal(await stopped.promise, isSeen && isUrgent)
    })
})
