import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { describe, it } from 'node:test'
import { backoffMs, retryWhilePortInUse } from '../../src/lib/retry.ts'

const BACKOFF = { firstMs: 250, longestMs: 2000 }

describe('backoffMs', () => {
  it('doubles with each failure up to the longest pause', () => {
    const pauses = [0, 1, 2, 3, 4, 100, 2000].map(failures => backoffMs(failures, BACKOFF, () => 0))
    assert.deepEqual(pauses, [250, 500, 1000, 2000, 2000, 2000, 2000])
  })

  it('takes off up to half at random', () => {
    const pauses = [0.5, 1].map(random => backoffMs(3, BACKOFF, () => random))
    assert.deepEqual(pauses, [1500, 1000])
  })
})

describe('retryWhilePortInUse', () => {
  it('listens once the port is free', async () => {
    const other = createServer()
    await once(other.listen(0, '127.0.0.1'), 'listening')
    const { port } = other.address() as AddressInfo
    let attempts = 0
    const server = await retryWhilePortInUse(async () => {
      attempts += 1
      if (attempts === 3) await new Promise(resolve => other.close(resolve))
      const own = createServer()
      await once(own.listen(port, '127.0.0.1'), 'listening')
      return own
    })
    assert.equal((server.address() as AddressInfo).port, port)
    assert.equal(attempts, 3)
    server.close()
  })

  it('rejects with EADDRINUSE when the time is over, and with other errors immediately', async () => {
    const failing = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }))
    await assert.rejects(retryWhilePortInUse(failing('EADDRINUSE'), 0), { code: 'EADDRINUSE' })
    await assert.rejects(retryWhilePortInUse(failing('EACCES')), { code: 'EACCES' })
  })
})
