import assert from 'node:assert/strict'
import { describe, it, mock } from 'node:test'
import type { RouterConnection } from '../../projections/shared/router-connection.ts'
import type { RouterEvent } from '../../schemas/events/events.ts'
import type { ToWrite } from '../../src/controller/event-writer.ts'
import { RouterLiveness } from '../../src/controller/lease/liveness.ts'
import { clockThatShows } from '../fakes/virtual-clock.ts'

const GRACE_MS = 10_000
const WATCH_MS = 250

/** A contact on a clock that the test moves, and a writer whose writes are decided when the test lets them. */
const setUp = () => {
  mock.timers.enable({ apis: ['setInterval'] })
  let now = 0
  let link: RouterConnection = { connection: 'Connected', message: 'OK', since: '' }
  const waiting: (() => void)[] = []
  const written: RouterEvent[] = []
  const write = (toWrite: ToWrite): Promise<void> =>
    new Promise(resolve => {
      waiting.push(() => {
        const events = typeof toWrite === 'function' ? toWrite() : toWrite
        written.push(...events)
        if (events.length > 0) link = { ...link, connection: 'Connecting', message: 'The router does not respond' }
        resolve()
      })
    })
  const contact = new RouterLiveness({
    site: { namespace: 'west', connection: () => link },
    writer: { write },
    activity: { isConnected: false },
    graceMs: GRACE_MS,
    signal: new AbortController().signal,
    clock: clockThatShows(() => now),
  })
  return {
    contact,
    written,
    pass: (ms: number) => {
      now += ms
      mock.timers.tick(WATCH_MS)
    },
    writeOut: () => {
      for (const decide of waiting.splice(0)) decide()
    },
    [Symbol.dispose]: () => {
      contact.close()
      mock.timers.reset()
    },
  }
}

describe('RouterLiveness', () => {
  it('writes RouterLost a grace period after the loss of the connection', () => {
    using scene = setUp()
    const { contact, written, pass, writeOut } = scene
    contact.connected()
    pass(60_000)
    contact.disconnected('the connection was lost')
    pass(GRACE_MS - 1)
    writeOut()
    assert.deepEqual(written, [])
    pass(1)
    writeOut()
    assert.deepEqual(written, [{ type: 'RouterLost', data: { namespace: 'west', reason: 'the connection was lost' } }])
    pass(GRACE_MS)
    writeOut()
    assert.equal(written.length, 1)
  })

  it('does not extend the grace period by failed attempts, and gives the last reason', () => {
    using scene = setUp()
    const { contact, written, pass, writeOut } = scene
    contact.connected()
    contact.disconnected('the connection was lost')
    pass(GRACE_MS - 1)
    contact.disconnected('connect ECONNREFUSED')
    pass(1)
    writeOut()
    assert.deepEqual(written, [{ type: 'RouterLost', data: { namespace: 'west', reason: 'connect ECONNREFUSED' } }])
  })

  it('writes nothing if the router is back in time', () => {
    using scene = setUp()
    const { contact, written, pass, writeOut } = scene
    contact.connected()
    contact.disconnected('the connection was lost')
    pass(GRACE_MS)
    contact.connected()
    writeOut()
    assert.deepEqual(written, [])
  })

  it('starts another grace period after a gap in watching', () => {
    using scene = setUp()
    const { contact, written, pass, writeOut } = scene
    contact.disconnected('the connection was lost')
    pass(GRACE_MS - 1)
    contact.resume()
    pass(GRACE_MS - 1)
    writeOut()
    assert.deepEqual(written, [])
    assert.equal(contact.graceEndsAt, 2 * GRACE_MS - 1)
  })
})
