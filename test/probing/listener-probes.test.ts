import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { describe, it } from 'node:test'
import type { ListenerRow } from '../../projections/listener-status.ts'
import type { ProbeReport } from '../../projections/shared/reachability.ts'
import type { RouterEvent } from '../../schemas/events/events.ts'
import type { ToWrite } from '../../src/controller/event-writer.ts'
import { ListenerProbes } from '../../src/controller/probing/listener-probes.ts'
import type { SiteObserver, SiteState } from '../../src/controller/site-state.ts'
import type { Clock } from '../../src/lib/clock.ts'
import { listenerSpec } from '../support/domain/specs.ts'

const FIRST_MS = 125
const RETRY_MS = 2000
const CONCURRENCY = 100

/** Runs timers when the test lets time pass. */
class ManualClock {
  #now = 0
  readonly #timers = new Set<{ readonly work: () => void; readonly due: number }>()

  get timers(): number {
    return this.#timers.size
  }

  setTimeout(work: () => void, ms: number) {
    const timer = { work, due: this.#now + ms }
    this.#timers.add(timer)
    return { cancel: () => void this.#timers.delete(timer) }
  }

  async pass(ms: number): Promise<void> {
    this.#now += ms
    for (const timer of [...this.#timers]) {
      if (timer.due > this.#now || !this.#timers.delete(timer)) continue
      timer.work()
    }
    for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate)
  }
}

interface Changes {
  readonly generation?: number
  readonly host?: string
  readonly settings?: Readonly<Record<string, string>>
  readonly matchedAt?: string
  readonly probe?: ProbeReport
}

/** From elsewhere, a loopback address cannot be probed: an inconclusive result without a connection. */
const row = (name: string, { generation = 1, host = '127.0.0.1', settings, matchedAt = '', probe }: Changes = {}) =>
  ({
    namespace: 'west',
    name,
    uid: `uid-${name}`,
    generation,
    spec: listenerSpec({ host, settings: { observer: 'auto', probe: 'tcp', probeIntervalSeconds: '10', ...settings } }),
    conditions: {
      Configured: { status: 'True', lastTransitionTime: '' },
      Matched: { status: 'True', lastTransitionTime: matchedAt },
    },
    ...(probe && { probe }),
  }) as unknown as ListenerRow

const messageOf = (event: RouterEvent | undefined): string => (event as { data: { message: string } }).data.message
const MESSAGE = /^Not probed: 127\.0\.0\.1 /

const setUp = (first: ListenerRow | { readonly routerHost: string }, ...others: readonly ListenerRow[]) => {
  const isFar = 'spec' in first
  const rows = isFar ? [first, ...others] : others
  const routerHost = isFar ? 'router.example' : first.routerHost
  const table = new Map(rows.map(each => [each.name, each]))
  const clock = new ManualClock()
  const written: RouterEvent[] = []
  const queue: (() => void)[] = []
  let observer: SiteObserver = () => undefined
  let isSubscribed = true
  let hasLease = true
  let probed = 0
  let delaysWrites = false
  const site: Partial<SiteState> = {
    namespace: 'west',
    rows: () => table.values() as Iterable<never>,
    row: (_, name) => table.get(name) as never,
    onChange: given => {
      observer = given
      return () => {
        isSubscribed = false
      }
    },
  }
  const write = async (toWrite: ToWrite): Promise<void> => {
    if (delaysWrites) await new Promise<void>(resolve => queue.push(resolve))
    written.push(...(typeof toWrite === 'function' ? toWrite() : toWrite))
  }
  const probes = new ListenerProbes({
    site: site as SiteState,
    routerHost,
    hasLease: () => hasLease,
    write,
    onProbed: () => {
      probed += 1
    },
    onFailure: error => assert.fail(String(error)),
    clock: clock as unknown as Clock,
    random: () => 0.5,
  })
  return {
    probes,
    clock,
    written,
    probed: () => probed,
    isSubscribed: () => isSubscribed,
    setLease: (held: boolean) => {
      hasLease = held
    },
    delayWrites: () => {
      delaysWrites = true
    },
    writeAll: async () => {
      for (const resolve of queue.splice(0)) resolve()
      await new Promise(setImmediate)
    },
    put: (changed: ListenerRow) => {
      table.set(changed.name, changed)
      observer({ entities: [], resources: [{ kind: 'Listener', name: changed.name }] })
    },
    remove: (name: string) => {
      table.delete(name)
      observer({ entities: [], resources: [{ kind: 'Listener', name }] })
    },
    clear: () => {
      table.clear()
      observer('everything')
    },
  }
}

describe('ListenerProbes', () => {
  it('reports an inconclusive result with its reason, for this generation', async () => {
    const { clock, written } = setUp(row('a', { generation: 3 }))
    await clock.pass(FIRST_MS)
    const message = messageOf(written[0])
    assert.match(message, MESSAGE)
    const data = { namespace: 'west', name: 'a', uid: 'uid-a', generation: 3, message }
    assert.deepEqual(written, [{ type: 'ListenerProbeInconclusive', data }])
  })

  for (const [what, change, expected] of [
    ['not the same result again', {}, 0],
    ['another outcome', { outcome: 'notReached' }, 1],
    ['another message', { message: 'another' }, 1],
    ['the same result of an earlier generation', { generation: 1 }, 1],
  ] as const)
    it(`reports ${what}`, async () => {
      const { clock, written, put } = setUp(row('a', { generation: 2 }))
      await clock.pass(FIRST_MS)
      const message = messageOf(written.pop())
      put(row('a', { generation: 2, probe: { generation: 2, outcome: 'inconclusive', message, ...change } }))
      await clock.pass(RETRY_MS)
      assert.equal(written.length, expected)
    })

  it('probes again after two seconds without a result, or earlier if its interval is shorter', async () => {
    const { clock, probed } = setUp(
      row('a'),
      row('b', { settings: { probe: 'tcp', probeIntervalSeconds: '1' } }),
      row('c', { settings: { probe: 'none' } }),
    )
    await clock.pass(FIRST_MS - 1)
    assert.equal(probed(), 0)
    await clock.pass(1)
    assert.equal(probed(), 2)
    await clock.pass(1000)
    assert.equal(probed(), 3)
    await clock.pass(1000)
    assert.equal(probed(), 5)
  })

  it('probes immediately after a change of the generation or of a condition, and not after others', async () => {
    const { clock, probed, put } = setUp(row('a'))
    await clock.pass(FIRST_MS)
    put(row('a'))
    await clock.pass(FIRST_MS)
    assert.equal(probed(), 1)
    put(row('a', { generation: 2 }))
    await clock.pass(FIRST_MS)
    assert.equal(probed(), 2)
    put(row('a', { generation: 2, matchedAt: 'later' }))
    await clock.pass(FIRST_MS)
    assert.equal(probed(), 3)
    assert.equal(clock.timers, 1)
  })

  it('writes nothing of a listener that has changed or gone while the write waited', async () => {
    for (const change of ['put', 'remove', 'clear'] as const) {
      const test = setUp(row('a'))
      test.delayWrites()
      await test.clock.pass(FIRST_MS)
      assert.equal(test.probed(), 1)
      if (change === 'put') test.put(row('a', { generation: 2 }))
      else if (change === 'remove') test.remove('a')
      else test.clear()
      await test.writeAll()
      assert.deepEqual(test.written, [], change)
      assert.equal(test.clock.timers, change === 'put' ? 1 : 0, change)
    }
  })

  it('neither probes nor writes without the lease, and continues with it', async () => {
    const { clock, written, probed, setLease, delayWrites, writeAll } = setUp(row('a'))
    setLease(false)
    await clock.pass(FIRST_MS)
    assert.equal(probed(), 0)
    setLease(true)
    delayWrites()
    await clock.pass(RETRY_MS)
    assert.equal(probed(), 1)
    setLease(false)
    await writeAll()
    assert.deepEqual(written, [])
    setLease(true)
    await clock.pass(RETRY_MS)
    await writeAll()
    assert.equal(written.length, 1)
  })

  it('runs at most 100 probes concurrently, and the others when these have ended', async () => {
    const rows = Array.from({ length: CONCURRENCY + 20 }, (_, index) => row(`l${index}`))
    const { clock, probed, written, delayWrites, writeAll } = setUp(...(rows as [ListenerRow, ...ListenerRow[]]))
    delayWrites()
    await clock.pass(FIRST_MS)
    assert.equal(probed(), CONCURRENCY)
    await writeAll()
    assert.equal(probed(), rows.length)
    await writeAll()
    assert.equal(written.length, rows.length)
  })

  it('probes a listener with TLS credentials by TLS', async () => {
    const firstBytes = Promise.withResolvers<Buffer>()
    const server = net.createServer(client => {
      client.on('error', () => undefined).once('data', firstBytes.resolve)
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as net.AddressInfo
    const { spec, ...secure } = row('a')
    const listener = { ...secure, spec: { ...spec, port, tlsCredentials: 'tls' } } as ListenerRow
    const { probes, clock } = setUp({ routerHost: '127.0.0.1' }, listener)
    await clock.pass(FIRST_MS)
    const TLS_HANDSHAKE = 22
    assert.equal((await firstBytes.promise)[0], TLS_HANDSHAKE)
    await probes.close()
    server.close()
  })

  it('closes after its running probes, and starts no other', async () => {
    const { probes, clock, probed, delayWrites, writeAll, isSubscribed } = setUp(row('a'), row('b'))
    delayWrites()
    await clock.pass(FIRST_MS)
    let isClosed = false
    const closing = probes.close().then(() => {
      isClosed = true
    })
    await clock.pass(RETRY_MS)
    assert.equal(isClosed, false)
    assert.equal(isSubscribed(), false)
    await writeAll()
    await closing
    assert.equal(clock.timers, 0)
    await clock.pass(RETRY_MS)
    assert.equal(probed(), 2)
  })
})
