import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it, mock } from 'node:test'
import { HarkError } from '../../schemas/errors.ts'
import type { Authenticator } from '../../src/auth/authenticator.ts'
import { ANONYMOUS, type Principal } from '../../src/auth/roles.ts'
import { DEFAULT_LIMITS } from '../../src/config/limits.ts'
import { RequestGate } from '../../src/server/http/request-gate.ts'

const ADDRESS = '10.0.0.1'
const OTHER = '10.0.0.2'

/** Two requests of one client fit in the burst of one per second. */
const setUp = ({ enabled = true, requestsPerSecond }: { enabled?: boolean; requestsPerSecond?: number } = {}) => {
  let isValid = true
  const alice: Principal = { name: 'alice', grants: [], isValid: () => isValid }
  const authenticator: Authenticator = {
    enabled,
    authenticate: async authorization => {
      if (!enabled) return ANONYMOUS
      if (authorization === 'Bearer early') throw new HarkError('UNAVAILABLE', 'The keys cannot be fetched')
      if (authorization !== 'Bearer good') throw new HarkError('UNAUTHENTICATED', 'The token is unknown')
      return alice
    },
  }
  const hits: string[] = []
  const rejected: string[] = []
  const limits = { ...DEFAULT_LIMITS, requestsPerSecond, hit: (limit: string) => hits.push(limit) }
  const gate = new RequestGate(authenticator, limits, address => rejected.push(address))
  const outcome = async (work: () => unknown): Promise<string> => {
    try {
      await work()
      return 'admitted'
    } catch (error) {
      assert.ok(error instanceof HarkError, String(error))
      return error.code
    }
  }
  return {
    gate,
    hits,
    rejected,
    revoke: () => {
      isValid = false
    },
    request: (authorization: string | undefined, address = ADDRESS) =>
      outcome(() => gate.authenticate(authorization, address)),
    readmit: (principal = alice, address = ADDRESS) => outcome(() => gate.readmit(principal, address)),
    takeCommands: (client: string, count: number) => outcome(() => gate.takeCommands(client, count)),
  }
}

describe('RequestGate', () => {
  // No token of a bucket is refilled meanwhile.
  beforeEach(() => mock.method(performance, 'now', () => 0))
  afterEach(() => mock.restoreAll())

  it('limits a client by its name, from whatever address', async () => {
    const { request, hits } = setUp({ requestsPerSecond: 1 })
    const codes = [await request('Bearer good'), await request('Bearer good', OTHER), await request('Bearer good')]
    assert.deepEqual(codes, ['admitted', 'admitted', 'UNAVAILABLE'])
    assert.deepEqual(hits, ['requestsPerSecond'])
  })

  it('limits requests without a valid token by their address', async () => {
    const { request, hits } = setUp({ requestsPerSecond: 1 })
    const codes = [await request('Bearer bad'), await request(undefined), await request('Bearer bad')]
    assert.deepEqual(codes, ['UNAUTHENTICATED', 'UNAUTHENTICATED', 'UNAVAILABLE'])
    assert.equal(await request('Bearer bad', OTHER), 'UNAUTHENTICATED')
    assert.equal(await request('Bearer good'), 'admitted')
    assert.deepEqual(hits, ['requestsPerSecond'])
  })

  it('reports the address of a rejected token, and not of a request without one or that cannot be decided', async () => {
    const { request, rejected } = setUp()
    await request(undefined)
    await request('Bearer early')
    await request('Bearer good')
    assert.deepEqual(rejected, [])
    await request('Bearer bad')
    assert.deepEqual(rejected, [ADDRESS])
  })

  it('limits the commands of a client apart from its requests', async () => {
    const { request, takeCommands, hits } = setUp({ requestsPerSecond: 1 })
    const codes = [await takeCommands('name alice', 500), await takeCommands('name alice', 1)]
    assert.deepEqual(codes, ['admitted', 'UNAVAILABLE'])
    assert.deepEqual(hits, ['requestsPerSecond'])
    assert.equal(await takeCommands('name bob', 1), 'admitted')
    assert.deepEqual([await request('Bearer good'), await request('Bearer good')], ['admitted', 'admitted'])
  })

  it('has a default limit only if tokens are required', async () => {
    const admitted = async (enabled: boolean): Promise<number> => {
      const { request } = setUp({ enabled })
      const codes = await Promise.all(Array.from({ length: 5000 }, () => request('Bearer good')))
      return codes.filter(code => code === 'admitted').length
    }
    assert.equal(await admitted(false), 5000)
    assert.ok((await admitted(true)) < 5000)
  })

  it('rejects an admitted principal whose token has expired, and counts its further requests', async () => {
    const { readmit, revoke, hits } = setUp({ requestsPerSecond: 1 })
    assert.deepEqual([await readmit(), await readmit(), await readmit()], ['admitted', 'admitted', 'UNAVAILABLE'])
    assert.deepEqual(hits, ['requestsPerSecond'])
    revoke()
    assert.equal(await readmit(), 'UNAUTHENTICATED')
  })

  it('rejects everything once it is closed', async () => {
    const { gate, request, readmit } = setUp()
    gate.close()
    assert.deepEqual([await request('Bearer good'), await readmit()], ['UNAVAILABLE', 'UNAVAILABLE'])
  })
})
