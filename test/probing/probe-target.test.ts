import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { probeTarget } from '../../src/controller/probing/probe-target.ts'

describe('a listener is probed', () => {
  it('at its own host', () => {
    for (const host of ['backend', '10.0.0.1', 'fd00::1']) {
      assert.deepEqual(probeTarget(host, 'router.example'), { host })
    }
  })

  it("at its router's where it listens on every address", () => {
    for (const host of ['0.0.0.0', '::'])
      assert.deepEqual(probeTarget(host, 'router.example'), { host: 'router.example' })
  })

  it('on the loopback of the machine that Hark shares with the router, and of no other', () => {
    for (const host of ['localhost', '127.0.0.1', '127.0.0.2', '::1']) {
      for (const router of ['localhost', '127.0.0.1', '::1']) assert.deepEqual(probeTarget(host, router), { host })
      assert.ok('obstacle' in probeTarget(host, 'router.example'))
    }
  })
})
