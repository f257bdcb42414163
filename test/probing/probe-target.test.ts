import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { probeTarget } from '../../src/controller/probing/probe-target.ts'

describe('probeTarget', () => {
  it('returns the host of the listener', () => {
    for (const host of ['backend', '10.0.0.1', 'fd00::1']) {
      assert.deepEqual(probeTarget(host, 'router.example'), { host })
    }
  })

  it('returns the host of the router for a listener on every address', () => {
    for (const host of ['0.0.0.0', '::'])
      assert.deepEqual(probeTarget(host, 'router.example'), { host: 'router.example' })
  })

  it('returns a loopback host only if the router is on the same machine', () => {
    for (const host of ['localhost', '127.0.0.1', '127.0.0.2', '::1']) {
      for (const router of ['localhost', '127.0.0.1', '::1']) assert.deepEqual(probeTarget(host, router), { host })
      assert.ok('obstacle' in probeTarget(host, 'router.example'))
    }
  })
})
