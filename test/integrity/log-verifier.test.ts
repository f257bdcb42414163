import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { canonicalJson } from '../../schemas/canonical-json.ts'
import type { EventMetadata } from '../../schemas/events/recorded-event.ts'
import {
  type EventStore,
  EventsMissing,
  type ReadAllOptions,
  StoreCorrupted,
  type StoredEvent,
} from '../../src/event-store/event-store.ts'
import { LogDigest } from '../../src/integrity/checkpoints/log-digest.ts'
import type { SignedCheckpoint } from '../../src/integrity/checkpoints/read-checkpoints.ts'
import { eventHash } from '../../src/integrity/hash-chain/event-hash.ts'
import { LogVerifier, type LogVerifierOptions } from '../../src/integrity/verify/log-verifier.ts'

type Item = StoredEvent | StoreCorrupted

/** A store of these events, in which reading fails where an item is an error. */
const storeOf = (items: readonly Item[], faults: readonly StoreCorrupted[] = []): EventStore =>
  ({
    async *readAll({ from = 0 }: ReadAllOptions = {}) {
      for (const item of items) {
        const position = item instanceof StoreCorrupted ? (item.resumeAfter ?? Number.POSITIVE_INFINITY) : item.position
        if (position <= from) continue
        if (item instanceof StoreCorrupted) throw item
        yield item
      }
    },
    async *check() {
      yield* faults
    },
  }) as Partial<EventStore> as EventStore

/** Returns linked events of these streams, one a position. */
const linked = (...streams: readonly string[]): StoredEvent[] => {
  const last = new Map<string, StoredEvent>()
  return streams.map((stream, index) => {
    const before = last.get(stream)
    const event: StoredEvent = {
      position: index + 1,
      stream,
      revision: before === undefined ? 0 : before.revision + 1,
      id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
      type: 'PortUpdated',
      time: `2026-11-29T00:00:00.${String(index % 1000).padStart(3, '0')}Z`,
      data: { index },
      metadata: {
        actor: 'alice',
        correlationId: 'c',
        ...(before !== undefined && { previousHash: eventHash(before) }),
        schemaVersion: 1,
      } as EventMetadata,
    }
    last.set(stream, event)
    return event
  })
}

/** Returns checkpoints over the first events of a log, as many as there are counts. */
const checkpointsOf = (events: readonly StoredEvent[], ...counts: readonly number[]): SignedCheckpoint[] => {
  const digest = new LogDigest()
  for (const event of events.filter(({ stream }) => !stream.startsWith('store-')))
    digest.add({ ...event, place: digest.placeOf(event.stream), hash: eventHash(event) })
  return counts.map(count => {
    const { logHash } = digest.cover(count)
    const { root, size: streams } = digest.tree
    const data = { events: count, logHash, root, streams, time: '', keyId: '', signature: '' }
    return { id: `c${count}`, data, isTrusted: true }
  })
}

const verify = async (store: EventStore, options: Partial<LogVerifierOptions> = {}) => {
  const signal = new AbortController().signal
  const verifier = new LogVerifier(store, { checkpoints: [], onProgress: () => {}, signal, ...options })
  const { events, findings } = await verifier.verify()
  return { events, findings: findings.map(({ place, fault }) => `${place}: ${fault}`) }
}

const at = (position: number): string => `position ${String(position).padStart(16, '0')}`
const A = 'listener-west.a'
const B = 'listener-west.b'
const IMPORTS = 'store-imports'

describe('LogVerifier', () => {
  it('accepts a linked log that matches its checkpoints', async () => {
    const events = linked(A, B, A, IMPORTS, A, B, IMPORTS)
    const checkpoints = checkpointsOf(events, 2, 4, 5)
    assert.deepEqual(await verify(storeOf(events), { checkpoints }), { events: 5, findings: [] })
  })

  it('accepts streams that an older Hark wrote without links', async () => {
    const events = linked(A, A, A).map(event => ({ ...event, metadata: { schemaVersion: 1 } as EventMetadata }))
    assert.deepEqual((await verify(storeOf(events))).findings, [])
  })

  it('reports a checkpoint that covers no more events than the one before it, and differs', async () => {
    const events = linked(A, B)
    const [first, second] = checkpointsOf(events, 2, 2) as [SignedCheckpoint, SignedCheckpoint]
    const forged = { ...second, id: 'forged', data: { ...second.data, logHash: 'f'.repeat(64) } }
    const [finding, ...others] = (await verify(storeOf(events), { checkpoints: [first, forged] })).findings
    assert.match(finding ?? '', new RegExp(`^${at(2)}: these events do not match checkpoint forged`))
    assert.deepEqual(others, [])
  })

  it('reports one missing revision, and several, at the event behind them', async () => {
    const [first, second, third, fourth] = linked(A, A, A, A) as [StoredEvent, StoredEvent, StoredEvent, StoredEvent]
    assert.deepEqual((await verify(storeOf([first, third, fourth]))).findings, [
      `${A} revision 2 (${at(3)}): revision 1 is missing before it: removed, or out of order`,
    ])
    assert.deepEqual((await verify(storeOf([fourth]))).findings, [
      `${A} revision 3 (${at(4)}): revisions 0 to 2 are missing before it: removed, or out of order`,
    ])
    assert.deepEqual((await verify(storeOf([first, second, second]))).findings, [
      `${A} revision 1 (${at(2)}): revision 2 should be here: inserted, or out of order`,
    ])
  })

  it('reports a first event that links to one before it', async () => {
    const [, second] = linked(A, A) as [StoredEvent, StoredEvent]
    assert.deepEqual((await verify(storeOf([{ ...second, revision: 0 }]))).findings, [
      `${A} revision 0 (${at(2)}): it links to an earlier event that is missing: removed`,
    ])
  })

  it('reports an event without a link behind one with a link', async () => {
    const [first, second, third] = linked(A, A, A) as [StoredEvent, StoredEvent, StoredEvent]
    const { previousHash: _, ...metadata } = third.metadata
    const unlinked = { ...third, metadata }
    assert.deepEqual((await verify(storeOf([first, second, unlinked]))).findings, [
      `${A} revision 2 (${at(3)}): it has no link to the event before it, which has one`,
    ])
  })

  it('reports the event whose hash is not the one in the next revision, also in the stream of imports', async () => {
    for (const stream of [A, IMPORTS]) {
      const [first, ...others] = linked(stream, B, stream) as [StoredEvent, ...StoredEvent[]]
      assert.deepEqual((await verify(storeOf([{ ...first, type: 'HostUpdated' }, ...others]))).findings, [
        `${stream} revision 0 (${at(1)}): its hash is not the one in revision 1 of the stream: one of the two was changed`,
      ])
    }
  })

  it('reports the range of events that do not match a checkpoint, once until one matches again', async () => {
    const events = linked(...'abcdefgh'.split('').map(name => `listener-west.${name}`))
    const checkpoints = checkpointsOf(events, 2, 4, 6, 8)
    const changed = events.map(event =>
      event.position === 3 || event.position === 8 ? { ...event, type: 'X' } : event,
    )
    const fault = (id: string) =>
      `these events do not match checkpoint ${id}: one was changed, removed, inserted or moved`
    assert.deepEqual((await verify(storeOf(changed), { checkpoints })).findings, [
      `${at(3)} to ${at(4)}: ${fault('c4')}`,
      `${at(7)} to ${at(8)}: ${fault('c8')}`,
    ])
    const removed = events.filter(({ position }) => position !== 3)
    assert.deepEqual((await verify(storeOf(removed), { checkpoints })).findings, [
      `${at(4)} to ${at(5)}: ${fault('c4')}`,
      'checkpoint c8: it covers 8 events, and the log has 7: the log was truncated or events were removed',
    ])
  })

  it('reports a changed time', async () => {
    const events = linked(A, A)
    const [first, second] = events as [StoredEvent, StoredEvent]
    const checkpoints = checkpointsOf(events, 2)
    const { findings } = await verify(storeOf([first, { ...second, time: '2020-01-01T00:00:00.000Z' }]), {
      checkpoints,
    })
    assert.match(findings.join(), /do not match checkpoint c2/)
  })

  it('reports the first of the checkpoints that the log does not reach', async () => {
    const events = linked(A, A, A)
    assert.deepEqual(
      (await verify(storeOf(events.slice(0, 1)), { checkpoints: checkpointsOf(events, 2, 3) })).findings,
      ['checkpoint c2: it covers 2 events, and the log has 1: the log was truncated or events were removed'],
    )
  })

  it('reports a wrong root of the last checkpoint, and not of those before it', async () => {
    const events = linked(A, B, A)
    const [first, last] = checkpointsOf(events, 1, 3) as [SignedCheckpoint, SignedCheckpoint]
    const wrong = (checkpoint: SignedCheckpoint) => ({
      ...checkpoint,
      data: { ...checkpoint.data, root: 'f'.repeat(64) },
    })
    assert.deepEqual((await verify(storeOf(events), { checkpoints: [first, wrong(last)] })).findings, [
      'checkpoint c3: its root is not that of the streams that it covers',
    ])
    assert.deepEqual((await verify(storeOf(events), { checkpoints: [wrong(first), last] })).findings, [])
  })

  it('reports JSON with a key that stands twice, and accepts other white space and key order', async () => {
    const [event] = linked(A) as [StoredEvent]
    const metadata = JSON.stringify(event.metadata)
    const faultsOf = async (data: string, meta = metadata) =>
      (await verify(storeOf([{ ...event, data: { a: 1, b: 'x y' }, json: { data, metadata: meta } }]))).findings
    const fault = `${A} revision 0 (${at(1)}): its JSON is not as Hark writes it: it was changed`
    for (const data of ['{"a":1,"b":"x y"}', '{"b":"x y","a":1}', ' { "a" : 1,\n"b": "x y" }'])
      assert.deepEqual(await faultsOf(data), [], data)
    for (const data of ['{"a":2,"a":1,"b":"x y"}', '{"a":1.0,"b":"x y"}'])
      assert.deepEqual(await faultsOf(data), [fault], data)
    assert.deepEqual(await faultsOf('{"a":1,"b":"x y"}', metadata.replace('{', '{"actor":"eve",')), [fault])
  })

  it('counts an event that cannot be read, and compares later checkpoints with the right events', async () => {
    const events = linked(A, B, A, A, B)
    const checkpoints = checkpointsOf(events, 2, 3, 5)
    const place = { position: 3, stream: A, revision: 1 }
    for (const damage of [
      new StoreCorrupted(place, 'it is broken'),
      new StoreCorrupted({ position: 3 }, 'it is broken'),
    ]) {
      const items = events.map((event): Item => (event.position === 3 ? damage : event))
      const { events: count, findings } = await verify(storeOf(items), { checkpoints })
      assert.equal(count, 5)
      const [broken, ...others] = findings
      assert.match(broken ?? '', /it is broken$/)
      // Without its revision, the next event of the stream is found to follow another.
      const expected = damage.location.stream === undefined ? 2 : 1
      assert.equal(others.length, expected, others.join('\n'))
      assert.match(others[0] ?? '', new RegExp(`^${at(3)} to ${at(3)}: these events do not match checkpoint c3`))
    }
  })

  it('does not count an import that cannot be read', async () => {
    const events = linked(A, A)
    const damage = new StoreCorrupted({ position: 3, stream: IMPORTS, revision: 0 }, 'it is broken')
    assert.equal((await verify(storeOf([...events, damage]))).events, 2)
  })

  it('reports missing events once and reads on behind them', async () => {
    const events = linked(A, B, B, A)
    const items = [events[0], new EventsMissing(2, 3), events[3]] as Item[]
    const { events: count, findings } = await verify(storeOf(items))
    assert.equal(count, 2)
    assert.deepEqual(findings, [`${at(2)}: 2 events are missing`])
  })

  it('ends at damage behind which nothing can be read', async () => {
    const [first] = linked(A) as [StoredEvent]
    const { events, findings } = await verify(storeOf([first, new StoreCorrupted({}, 'the file is damaged')]))
    assert.deepEqual({ events, findings }, { events: 1, findings: ['the event log: the file is damaged'] })
  })

  it('reports the faults of the store itself', async () => {
    const { findings } = await verify(storeOf(linked(A), [new StoreCorrupted({ stream: A }, 'hidden')]))
    assert.deepEqual(findings, [`${A}: hidden`])
  })

  it('rejects as the store does if it is unavailable', async () => {
    const store = {
      ...storeOf([]),
      // biome-ignore lint/correctness/useYield: it fails before the first event.
      async *readAll(): AsyncIterable<StoredEvent> {
        throw new Error('no answer')
      },
    } as EventStore
    await assert.rejects(verify(store), /no answer/)
  })

  it('counts and skips the events that a trusted checkpoint covers', async () => {
    const events = linked(A, B, A, B, A)
    const [since, last] = checkpointsOf(events, 3, 5) as [SignedCheckpoint, SignedCheckpoint]
    const changed = (position: number) =>
      storeOf(events.map(event => (event.position === position ? { ...event, type: 'X' } : event)))
    const options = { checkpoints: [since, last], since }
    assert.deepEqual(await verify(storeOf(events), options), { events: 5, findings: [] })
    assert.deepEqual(await verify(changed(2), options), { events: 5, findings: [] })
    const { findings } = await verify(changed(5), options)
    assert.deepEqual(findings, [
      `${at(4)} to ${at(5)}: these events do not match checkpoint c5: one was changed, removed, inserted or moved`,
    ])
  })

  it('reports progress every 1,000 events', async () => {
    const progress: (readonly [number, number])[] = []
    const streams = Array.from({ length: 2100 }, (_, index) => `listener-west.l${index}`)
    await verify(storeOf(linked(...streams)), { onProgress: (position, events) => progress.push([position, events]) })
    assert.deepEqual(progress, [
      [1000, 1000],
      [2000, 2000],
    ])
  })

  it('rejects when the signal aborts, between events and between faults of the store', async () => {
    const fault = new StoreCorrupted({}, 'hidden')
    const signal = AbortSignal.abort(new Error('enough'))
    await assert.rejects(verify(storeOf(linked(A)), { signal }), /enough/)
    await assert.rejects(verify(storeOf([], [fault]), { signal }), /enough/)
  })

  describe('with trusted texts', () => {
    /** As a store returns them: a text that is parsed on access, which fails here. */
    const unparsed = (event: StoredEvent, json = textsOf(event)): StoredEvent => ({
      ...event,
      json,
      get data(): object {
        throw new StoreCorrupted({ position: event.position }, 'its data is not JSON')
      },
      get metadata(): EventMetadata {
        throw new StoreCorrupted({ position: event.position }, 'its metadata is not JSON')
      },
    })
    const textsOf = ({ data, metadata }: StoredEvent) => ({
      data: canonicalJson(data),
      metadata: canonicalJson(metadata),
    })
    const trusting = async (events: readonly StoredEvent[], checkpoints: readonly SignedCheckpoint[]) =>
      (await verify(storeOf(events), { checkpoints, trustsText: true })).findings

    it('accepts events that match a checkpoint, links included, without parsing them', async () => {
      const events = linked(A, B, A, A, B)
      const found = await trusting(
        events.map(event => unparsed(event)),
        checkpointsOf(events, 2, 5),
      )
      assert.deepEqual(found, [])
    })

    it('reports a text that was changed, and one with more white space', async () => {
      const events = linked(A, B)
      const changed = (data: string) => events.map(event => unparsed(event, { ...textsOf(event), data }))
      for (const data of ['{"index":7}', '{"index": 0}'])
        assert.match((await trusting(changed(data), checkpointsOf(events, 2))).join(), /do not match checkpoint c2/)
    })

    it('reports a link that was changed', async () => {
      const [first, second] = linked(A, A) as [StoredEvent, StoredEvent]
      const metadata = canonicalJson({ ...second.metadata, previousHash: '0'.repeat(64) })
      const found = await trusting(
        [unparsed(first), unparsed(second, { ...textsOf(second), metadata })],
        checkpointsOf([first, second], 2),
      )
      assert.match(found.join(), /its hash is not the one in revision 1 of the stream/)
    })

    it('parses a text whose hash would not change if a part moved between data and metadata', async () => {
      const [event] = linked(A) as [StoredEvent]
      const nested = { ...event, data: { a: { b: 1, id: 'moved', metadata: 1 } } }
      const { metadata } = textsOf(nested)
      const moved = unparsed(
        { ...nested, id: 'moved' },
        { data: '{"a":{"b":1', metadata: `1}},"id":"${nested.id}","metadata":${metadata}` },
      )
      assert.match((await trusting([moved], checkpointsOf([nested], 1))).join(), /is not JSON/)
    })

    it('parses events behind the last checkpoint', async () => {
      const events = linked(A, B)
      const found = await trusting(
        events.map(event => unparsed(event)),
        checkpointsOf(events, 1),
      )
      assert.match(found.join(), /is not JSON/)
    })
  })
})
