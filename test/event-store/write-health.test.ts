import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { WriteHealth } from '../../src/event-store/sqlite/write-health.ts'

const TRY_EVERY_MS = 1000

/** A disk that can be full, and what WriteHealth reported. */
const setUp = (t: TestContext) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const disk = { fault: undefined as string | undefined, tries: 0 }
  const reports: string[] = []
  const health = new WriteHealth({
    tryToWrite: () => {
      disk.tries += 1
      if (disk.fault !== undefined) throw new Error(disk.fault)
    },
    onFailure: ({ message }) => reports.push(message),
    onRecovery: () => reports.push('recovered'),
  })
  t.after(() => health.close())
  return { health, disk, reports, pass: () => t.mock.timers.tick(TRY_EVERY_MS) }
}

describe('WriteHealth', () => {
  it('has the reason of the latest failure until a write succeeds, and reports the recovery once', t => {
    const { health, disk, reports, pass } = setUp(t)
    assert.equal(health.reason, undefined)
    disk.fault = 'still full'
    health.failed(new Error('full'))
    assert.equal(health.reason, 'full')
    pass()
    assert.equal(health.reason, 'still full')
    disk.fault = undefined
    pass()
    assert.equal(health.reason, undefined)
    pass()
    health.succeeded()
    assert.deepEqual(reports, ['full', 'recovered'])
    assert.equal(disk.tries, 2)
  })

  it('tries once a second after several failures, and no more after it is closed', t => {
    const { health, disk, pass } = setUp(t)
    disk.fault = 'full'
    health.failed(new Error('full'))
    health.failed(new Error('full'))
    pass()
    assert.equal(disk.tries, 1)
    health.close()
    pass()
    assert.equal(disk.tries, 1)
    assert.equal(health.reason, undefined)
  })
})
