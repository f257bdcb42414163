import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isChanged, type ListenerFindings, reportListener } from '../../src/controller/status/listener-report.ts'
import { listenerSpec } from '../support/domain/specs.ts'

const row = { spec: listenerSpec({ host: 'backend', port: 8080 }) }
const PATIENCE_MS = 12_000

const wordOf = (findings: Partial<ListenerFindings>) =>
  reportListener(row, {
    entity: { inSync: true, socket: 'closed' },
    drift: undefined,
    isMatched: false,
    isShownOpen: false,
    isCutOff: false,
    undecidedForMs: 0,
    patienceMs: PATIENCE_MS,
    ...findings,
  })

describe('what is said of a listener', () => {
  it('is nothing before anything is known of it', () => {
    assert.equal(wordOf({ entity: { inSync: false, socket: 'closed' } }), undefined)
  })

  it('is that it was accepted, where nothing is there to open it for', () => {
    assert.deepEqual(wordOf({}), { said: 'accepted', message: 'OK' })
  })

  it('is not that it was accepted while its socket is about to open', () => {
    for (const socket of ['closed', 'stale'] as const)
      assert.equal(wordOf({ isMatched: true, entity: { inSync: true, socket } }), 'undecided')
  })

  it('is that it is not open, where the router takes too long', () => {
    assert.deepEqual(wordOf({ isMatched: true, undecidedForMs: PATIENCE_MS }), {
      said: 'failed',
      message: 'The router has not opened backend:8080',
    })
  })

  it('is that the router has closed it, where it is shown open and the router knows better', () => {
    const closed = { isMatched: true, isShownOpen: true, entity: { inSync: true, socket: 'closed' } } as const
    assert.equal(wordOf(closed), 'undecided')
    const word = { said: 'drifted', message: 'The router has closed backend:8080' }
    assert.deepEqual(wordOf({ ...closed, undecidedForMs: 250 }), word)
    // What the router was not asked since is not known to be closed.
    const doubtful = { inSync: true, socket: 'stale' } as const
    assert.equal(wordOf({ ...closed, entity: doubtful, undecidedForMs: 250 }), 'undecided')
    assert.equal(wordOf({ ...closed, isShownOpen: false, undecidedForMs: 250 }), 'undecided')
  })

  it('is that there is no link, where the socket is still open or closed for want of one, and not where it failed', () => {
    const word = { said: 'drifted', message: 'The router has no link to any other router' }
    for (const socket of ['open', 'closed', 'stale'] as const)
      assert.deepEqual(wordOf({ isMatched: true, isCutOff: true, entity: { inSync: true, socket } }), word)
    const failed = { inSync: true, socket: 'failed', message: 'Address already in use' } as const
    assert.deepEqual(wordOf({ isMatched: true, isCutOff: true, entity: failed }), {
      said: 'failed',
      message: failed.message,
    })
    assert.deepEqual(wordOf({ isCutOff: true }), { said: 'accepted', message: 'OK' })
  })

  it('is what the socket says', () => {
    assert.deepEqual(wordOf({ isMatched: true, entity: { inSync: true, socket: 'open' } }), {
      said: 'opened',
      message: 'OK',
    })
    const message = 'Address already in use - listen on backend:8080'
    assert.deepEqual(wordOf({ entity: { inSync: true, socket: 'failed', message } }), { said: 'failed', message })
  })

  it('is the refusal, whatever else is known', () => {
    const refusal = "CError: Not found: sslProfile 'x' not found"
    assert.deepEqual(wordOf({ drift: 'gone', entity: { inSync: false, socket: 'closed', refusal } }), {
      said: 'refused',
      message: refusal,
    })
  })

  it('is what was changed behind the back, until it is mended', () => {
    const drift = 'The router no longer has tcpListener listener/backend'
    assert.deepEqual(wordOf({ drift, entity: { inSync: false, socket: 'closed' } }), {
      said: 'drifted',
      message: drift,
    })
    assert.deepEqual(wordOf({ drift }), { said: 'accepted', message: 'OK' })
  })
})

describe('a word is news', () => {
  const OPENED = { said: 'opened', message: 'OK' } as const
  const ACCEPTED = { said: 'accepted', message: 'OK' } as const

  it('where it is the first for its generation', () => {
    assert.ok(isChanged(ACCEPTED, { generation: 1 }))
    assert.ok(isChanged(OPENED, { generation: 2, router: { generation: 1, ...OPENED } }))
  })

  it('where it says something else, or gives another reason', () => {
    assert.ok(isChanged(OPENED, { generation: 1, router: { generation: 1, ...ACCEPTED } }))
    const failed = (message: string) => ({ said: 'failed', message }) as const
    assert.ok(isChanged(failed('b'), { generation: 1, router: { generation: 1, ...failed('a') } }))
    assert.ok(!isChanged(failed('a'), { generation: 1, router: { generation: 1, ...failed('a') } }))
  })

  it('not where a socket that was open is closed, as no connector is there any more', () => {
    assert.ok(!isChanged(ACCEPTED, { generation: 1, router: { generation: 1, ...OPENED } }))
  })
})
