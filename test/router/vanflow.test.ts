import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { VanflowNetwork } from '../../src/router/vanflow/network.ts'
import { ATTRIBUTE, merge, RECORD_TYPES, readPart, type VanflowRecord } from '../../src/router/vanflow/record.ts'
import { VanflowSource } from '../../src/router/vanflow/source.ts'
import fc from '../support/fast-check.ts'

const bytes = (text: string): Buffer => Buffer.from(text)

const routerRecord = { [ATTRIBUTE.type]: RECORD_TYPES.router, [ATTRIBUTE.identity]: 'a:1', [ATTRIBUTE.name]: '0/west' }
const siteRecord = { [ATTRIBUTE.type]: RECORD_TYPES.site, [ATTRIBUTE.identity]: 'a:2', [ATTRIBUTE.name]: 'west' }
const connectorRecord = (identity: string, address: string) => ({
  [ATTRIBUTE.type]: RECORD_TYPES.connector,
  [ATTRIBUTE.identity]: identity,
  [ATTRIBUTE.address]: address,
})

describe('VanFlow records', () => {
  it('are read if texts arrive as bytes', () => {
    const part = readPart({
      [ATTRIBUTE.type]: RECORD_TYPES.listener,
      [ATTRIBUTE.identity]: bytes('a:7'),
      [ATTRIBUTE.address]: bytes('bäckend'),
      [ATTRIBUTE.destPort]: 8080,
    })
    assert.deepEqual(part, {
      identity: 'a:7',
      kind: 'listener',
      hasEnded: false,
      texts: { address: 'bäckend', destPort: '8080' },
    })
  })

  it('lack attributes that are not UTF-8, which would look alike', () => {
    const address = (last: number) => Buffer.from([0x63, 0x61, 0x66, last])
    // As the AMQP library gives bytes, and strings that it could not decode.
    for (const value of [address(0xe8), address(0xe9), address(0xe9).toString()])
      assert.deepEqual(readPart({ [ATTRIBUTE.identity]: 'a:7', [ATTRIBUTE.address]: value })?.texts, {})
    assert.equal(readPart({ [ATTRIBUTE.identity]: address(0xe9) }), undefined)
  })

  it('are reported once for each source if an attribute is not UTF-8', () => {
    const reported: unknown[] = []
    const network = new VanflowNetwork(0, (source, { identity, invalid }) => reported.push([source, identity, invalid]))
    const source = network.addSource('a:0', 0, () => undefined)
    const invalid = (identity: string) => ({
      ...connectorRecord(identity, 'x'),
      [ATTRIBUTE.address]: Buffer.from([0xe9]),
    })
    source.applyRecords(0, [invalid('a:7'), invalid('a:8')])
    source.applyRecords(1, [invalid('a:9')])
    assert.deepEqual(reported, [['a:0', 'a:7', 'address']])
  })

  it('have ended with an end time other than zero', () => {
    assert.equal(readPart({ [ATTRIBUTE.identity]: 'a:7', [ATTRIBUTE.endTime]: 1_700_000_000_000_000 })?.hasEnded, true)
    assert.equal(readPart({ [ATTRIBUTE.identity]: 'a:7', [ATTRIBUTE.endTime]: 0 })?.hasEnded, false)
  })

  for (const garbage of [undefined, null, 7, 'a record', [], {}, { [ATTRIBUTE.identity]: '' }, { [ATTRIBUTE.type]: 4 }])
    it(`are not read from ${JSON.stringify(garbage)}`, () => assert.equal(readPart(garbage), undefined))

  it('have the last value of each attribute after any updates', () => {
    const text = fc.constantFrom('x', 'y', 'z')
    const part = fc.record({ name: text, address: text, destHost: text }, { requiredKeys: [] })
    fc.assert(
      fc.property(fc.array(part, { minLength: 1 }), parts => {
        let record: VanflowRecord | undefined
        for (const texts of parts) {
          const before = record
          record = merge(record, { identity: 'a:7', kind: 'connector', hasEnded: false, texts })
          const isNews = Object.entries(texts).some(([name, text]) => before?.texts[name as 'name'] !== text)
          assert.equal(record !== before, before === undefined || isNews)
        }
        assert.deepEqual({ ...record?.texts }, Object.assign({}, ...parts))
      }),
    )
  })

  it('are ignored until their type is known', () => {
    assert.equal(
      merge(undefined, { identity: 'a:7', kind: undefined, hasEnded: false, texts: { name: 'x' } }),
      undefined,
    )
  })
})

/** A source at time 0, with its calls counted. */
const aSource = () => {
  const calls = { flushes: 0, stages: 0, changed: [] as string[] }
  const source = new VanflowSource(0, {
    flush: () => {
      calls.flushes += 1
    },
    onRecords: identities => calls.changed.push(...identities),
    onStage: () => {
      calls.stages += 1
    },
  })
  return { source, calls }
}

describe('VanflowSource', () => {
  it('sends a FLUSH at the first message', () => {
    const { source, calls } = aSource()
    source.heartbeat(100)
    source.heartbeat(2100)
    assert.equal(calls.flushes, 1)
    assert.equal(source.isSettled, false)
  })

  it('sends FLUSHes before the first message', () => {
    const { source, calls } = aSource()
    for (let now = 0; now <= 2000; now += 250) source.tick(now)
    assert.equal(calls.flushes, 4)
  })

  it('is synced by a heartbeat after the record of its router', () => {
    const { source, calls } = aSource()
    source.heartbeat(0)
    source.heartbeat(1900)
    assert.equal(source.isSettled, false, 'the router has not sent its record yet')
    source.applyRecords(2000, [routerRecord, siteRecord])
    source.heartbeat(2100)
    assert.equal(source.isSettled, true)
    assert.deepEqual([calls.stages, calls.changed, source.siteName], [1, ['a:1', 'a:2'], 'west'])
  })

  it('repeats an answered FLUSH soon, then less and less often', () => {
    const { source, calls } = aSource()
    const flushTimesFrom = (begin: number): number[] => {
      const flushedAt: number[] = []
      for (let now = begin; now <= begin + 110_000; now += 1000) {
        const before = calls.flushes
        source.applyRecords(now, [{ 0: 1, 1: 'a:0' }])
        source.tick(now)
        if (calls.flushes > before) flushedAt.push(now - begin)
      }
      return flushedAt
    }
    const expected = [0, 3000, 9000, 21_000, 45_000, 93_000]
    assert.deepEqual(flushTimesFrom(0), expected)
    source.tick(125_000)
    assert.ok(source.isLost)
    assert.deepEqual(flushTimesFrom(130_000), expected)
  })

  it('repeats an unanswered FLUSH less and less often', () => {
    const { source, calls } = aSource()
    const flushedAt: number[] = []
    for (let now = 0; now <= 32_000; now += 500) {
      const before = calls.flushes
      if (now % 2000 === 0) source.heartbeat(now)
      source.tick(now)
      if (calls.flushes > before) flushedAt.push(now)
    }
    assert.deepEqual(flushedAt, [0, 2000, 6000, 14_000, 30_000])
  })

  it('is lost with its records after ten seconds of silence, and back at its next message', () => {
    const { source, calls } = aSource()
    source.applyRecords(0, [routerRecord, connectorRecord('a:7', 'backend')])
    source.tick(9999)
    assert.equal(source.isLost, false)
    source.tick(10_000)
    assert.deepEqual([source.isLost, [...source.entries()]], [true, []])
    assert.deepEqual(calls.changed, ['a:1', 'a:7', 'a:1', 'a:7'])
    const before = calls.flushes
    source.heartbeat(11_000)
    assert.deepEqual([source.isLost, source.isSettled, calls.flushes], [false, false, before + 1])
  })

  it('removes a record that has ended', () => {
    const { source, calls } = aSource()
    source.applyRecords(0, [connectorRecord('a:7', 'backend')])
    source.applyRecords(10, [{ [ATTRIBUTE.identity]: 'a:7', [ATTRIBUTE.endTime]: 1 }])
    assert.deepEqual([source.record('a:7'), calls.changed], [undefined, ['a:7', 'a:7']])
    source.applyRecords(20, [{ [ATTRIBUTE.identity]: 'a:8', [ATTRIBUTE.endTime]: 1 }])
    assert.equal(calls.changed.length, 2, 'the end of a record that was never reported changes nothing')
  })

  it('removes a record that two whole answers lack', () => {
    const { source, calls } = aSource()
    const live = (now: number, records: readonly object[]) => {
      source.applyRecords(now, [routerRecord, ...records])
      for (let later = now; later < now + 60_000; later += 2000) {
        source.heartbeat(later)
        source.tick(later)
      }
    }
    live(0, [connectorRecord('a:7', 'backend')])
    live(60_000, [])
    assert.notEqual(source.record('a:7'), undefined)
    live(120_000, [])
    live(180_000, [])
    assert.equal(source.record('a:7'), undefined)
    assert.equal(calls.changed.at(-1), 'a:7')
  })
})

describe('VanflowNetwork', () => {
  const network = () => {
    const network = new VanflowNetwork(0)
    const changes: (readonly string[])[] = []
    network.onChange(identities => changes.push(identities))
    return { network, changes }
  }

  it('names the site of an endpoint, and notifies again when the site becomes known', () => {
    const { network: all, changes } = network()
    const source = all.addSource('a:0', 0, () => undefined)
    source.applyRecords(0, [connectorRecord('a:7', 'backend')])
    assert.equal(all.endpoint('a:7')?.site, undefined)
    source.applyRecords(10, [siteRecord])
    assert.equal(all.endpoint('a:7')?.site, 'west')
    assert.deepEqual(changes, [['a:7'], ['a:7']])
  })

  it('settles unknown identities with their source', () => {
    const { network: all } = network()
    const source = all.addSource('a:0', 0, () => undefined)
    assert.equal(all.isSettled('a:7'), false)
    source.applyRecords(0, [routerRecord])
    source.heartbeat(2000)
    assert.equal(all.isSettled('a:7'), true)
    assert.equal(all.isSettled('b:7'), false, 'another source may yet announce itself')
    source.heartbeat(11_999)
    all.tick(12_000)
    assert.equal(all.areAllKnown, true)
    assert.equal(all.isSettled('b:7'), true)
  })

  it('replaces the records of a router that has restarted', () => {
    const { network: all, changes } = network()
    const named = (identity: string, name: string) => ({
      ...connectorRecord(identity, 'backend'),
      [ATTRIBUTE.name]: `connector/${name}`,
    })
    const endpoints = () => [...all.endpoints()].map(({ identity }) => identity).sort()
    const before = all.addSource('a:0', 0, () => undefined)
    before.applyRecords(1000, [routerRecord, named('a:7', 'one'), named('a:8', 'two'), named('a:9', 'gone')])
    const after = all.addSource('b:0', 2000, () => undefined)
    after.applyRecords(2100, [named('b:7', 'one')])
    after.applyRecords(2200, [{ ...routerRecord, [ATTRIBUTE.identity]: 'b:1' }])
    assert.deepEqual(endpoints(), ['a:8', 'a:9', 'b:7'])
    after.applyRecords(2300, [named('b:8', 'two')])
    assert.deepEqual(endpoints(), ['a:9', 'b:7', 'b:8'])
    // The new endpoint is reported before the end of the old one.
    assert.deepEqual(changes.slice(-2), [['b:8'], ['a:8']])
    after.heartbeat(4000)
    assert.deepEqual(endpoints(), ['a:9', 'b:7', 'b:8'])
    before.tick(11_000)
    assert.deepEqual(endpoints(), ['b:7', 'b:8'])
  })

  it('keeps sources with the name of another that still sends', () => {
    const { network: all } = network()
    const sources = ['a', 'b'].map(id => ({ id, source: all.addSource(`${id}:0`, 0, () => undefined) }))
    for (let now = 1000; now < 10_000; now += 1000) {
      for (const { id, source } of sources) {
        const identity = `${id}:1`
        source.applyRecords(now, [{ ...routerRecord, [ATTRIBUTE.identity]: identity }, connectorRecord(`${id}:7`, 'x')])
      }
    }
    assert.equal([...all.endpoints()].length, 2)
  })

  it('settles nothing without any source', () => {
    const { network: all } = network()
    all.tick(60_000)
    assert.equal(all.areAllKnown, false)
  })
})
