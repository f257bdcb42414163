import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isChanged } from '../../src/controller/reports/entity-report.ts'
import { type ListenerFindings, reportListener } from '../../src/controller/reports/listener-report.ts'
import { listenerSpec } from '../support/domain/specs.ts'

const row = { spec: listenerSpec({ host: 'backend', port: 8080 }) }
const OPEN_TIMEOUT_MS = 12_000

const wordOf = (findings: Partial<ListenerFindings>) =>
  reportListener(row, {
    entity: { inSync: true, socket: 'closed' },
    drift: undefined,
    isMatched: false,
    isShownOpen: false,
    isCutOff: false,
    undecidedForMs: 0,
    openTimeoutMs: OPEN_TIMEOUT_MS,
    ...findings,
  })

describe('reportListener', () => {
  it('returns undefined before anything is known', () => {
    assert.equal(wordOf({ entity: { inSync: false, socket: 'closed' } }), undefined)
  })

  it('returns accepted without a connector', () => {
    assert.deepEqual(wordOf({}), { state: 'accepted', message: 'OK' })
  })

  it('returns undecided while the socket is about to open', () => {
    for (const socket of ['closed', 'stale'] as const)
      assert.equal(wordOf({ isMatched: true, entity: { inSync: true, socket } }), 'undecided')
  })

  it('returns failed if the router takes too long to open the socket', () => {
    assert.deepEqual(wordOf({ isMatched: true, undecidedForMs: OPEN_TIMEOUT_MS }), {
      state: 'failed',
      message: 'The router has not opened backend:8080',
    })
  })

  it('returns drifted if the router has closed a socket that is shown as open', () => {
    const closed = { isMatched: true, isShownOpen: true, entity: { inSync: true, socket: 'closed' } } as const
    assert.equal(wordOf(closed), 'undecided')
    const word = { state: 'drifted', message: 'The router has closed backend:8080' }
    assert.deepEqual(wordOf({ ...closed, undecidedForMs: 250 }), word)
    // Without a new observation, the socket does not count as closed.
    const doubtful = { inSync: true, socket: 'stale' } as const
    assert.equal(wordOf({ ...closed, entity: doubtful, undecidedForMs: 250 }), 'undecided')
    assert.equal(wordOf({ ...closed, isShownOpen: false, undecidedForMs: 250 }), 'undecided')
  })

  it('returns drifted without a link to the connector, unless the socket has failed', () => {
    const word = { state: 'drifted', message: 'The router has no link to any other router' }
    for (const socket of ['open', 'closed', 'stale'] as const)
      assert.deepEqual(wordOf({ isMatched: true, isCutOff: true, entity: { inSync: true, socket } }), word)
    const failed = { inSync: true, socket: 'failed', message: 'Address already in use' } as const
    assert.deepEqual(wordOf({ isMatched: true, isCutOff: true, entity: failed }), {
      state: 'failed',
      message: failed.message,
    })
    assert.deepEqual(wordOf({ isCutOff: true }), { state: 'accepted', message: 'OK' })
  })

  it('returns the state of the socket', () => {
    assert.deepEqual(wordOf({ isMatched: true, entity: { inSync: true, socket: 'open' } }), {
      state: 'opened',
      message: 'OK',
    })
    const message = 'Address already in use - listen on backend:8080'
    assert.deepEqual(wordOf({ entity: { inSync: true, socket: 'failed', message } }), { state: 'failed', message })
  })

  it('returns the refusal before anything else', () => {
    const refusal = "CError: Not found: sslProfile 'x' not found"
    assert.deepEqual(wordOf({ drift: 'gone', entity: { inSync: false, socket: 'closed', refusal } }), {
      state: 'refused',
      message: refusal,
    })
  })

  it('returns a drift until it is corrected', () => {
    const drift = 'The router no longer has tcpListener listener/backend'
    assert.deepEqual(wordOf({ drift, entity: { inSync: false, socket: 'closed' } }), {
      state: 'drifted',
      message: drift,
    })
    assert.deepEqual(wordOf({ drift }), { state: 'accepted', message: 'OK' })
  })
})

describe('isChanged', () => {
  const OPENED = { state: 'opened', message: 'OK' } as const
  const ACCEPTED = { state: 'accepted', message: 'OK' } as const

  it('returns true for the first report of a generation', () => {
    assert.ok(isChanged(ACCEPTED, { generation: 1 }))
    assert.ok(isChanged(OPENED, { generation: 2, router: { generation: 1, ...OPENED } }))
  })

  it('returns true for another state or message', () => {
    assert.ok(isChanged(OPENED, { generation: 1, router: { generation: 1, ...ACCEPTED } }))
    const failed = (message: string) => ({ state: 'failed', message }) as const
    assert.ok(isChanged(failed('b'), { generation: 1, router: { generation: 1, ...failed('a') } }))
    assert.ok(!isChanged(failed('a'), { generation: 1, router: { generation: 1, ...failed('a') } }))
  })

  it('returns false if an open socket is closed for want of a connector', () => {
    assert.ok(!isChanged(ACCEPTED, { generation: 1, router: { generation: 1, ...OPENED } }))
  })
})
