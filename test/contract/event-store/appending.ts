import assert from 'node:assert/strict'
import {
  AppendTooLarge,
  InvalidAppend,
  MAX_APPEND_BYTES,
  NO_STREAM,
  WrongExpectedRevision,
} from '../../../src/event-store/event-store.ts'
import { all, event, events, idsOf, inTurns, revisionsOf, upTo } from './events.ts'
import type { Declare } from './harness.ts'

export const appending = (it: Declare): void => {
  it('creates a stream that does not exist', async ({ store, prefix }) => {
    const appended = events(3)
    const { revision, position } = await store.append(`${prefix}a`, NO_STREAM, appended)
    const read = await all(store.readStream(`${prefix}a`))
    assert.equal(revision, 2)
    assert.equal(position, read.at(-1)?.position)
    assert.deepEqual(idsOf(read), idsOf(appended))
  })

  it('appends after the expected revision', async ({ store, prefix }) => {
    await store.append(`${prefix}a`, NO_STREAM, events(2))
    assert.equal((await store.append(`${prefix}a`, 1, events(2))).revision, 3)
    assert.deepEqual(revisionsOf(await all(store.readStream(`${prefix}a`))), upTo(4))
  })

  it('keeps the time that an imported event was recorded at', async ({ store, prefix }) => {
    const time = '2026-01-02T03:04:05.678Z'
    const moved = { ...event(), time }
    await store.append(`${prefix}a`, NO_STREAM, [moved])
    const [recorded] = await all(store.readStream(`${prefix}a`))
    assert.equal(recorded?.time, time)
    assert.deepEqual(recorded?.metadata, moved.metadata)
  })

  it('stores id, type, data, metadata and time of an event', async ({ store, prefix }) => {
    const appended = {
      ...event({
        text: 'grüße, 你好, \u{1f98a}, "quoted", \\, \u0000',
        list: [1, -2.5, 1e300, null, true],
        nested: { empty: {} },
      }),
      metadata: { ...event().metadata, causationId: crypto.randomUUID(), commandId: 'deploy-17' },
    }
    const before = new Date(Date.now() - 1_000).toISOString()
    await store.append(`${prefix}a`, NO_STREAM, [appended])
    const [recorded] = await all(store.readStream(`${prefix}a`))
    const { time, position, ...read } = recorded!
    assert.deepEqual(read, { ...appended, stream: `${prefix}a`, revision: 0 })
    assert.ok(Number.isSafeInteger(position) && position > 0)
    assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    assert.ok(time >= before && time <= new Date(Date.now() + 1_000).toISOString())
  })

  it('stores stream names unchanged', async ({ store, prefix }) => {
    const name = `${prefix}ns.ünïcödé name/with?signs&more`
    await store.append(name, NO_STREAM, [event()])
    assert.deepEqual(
      (await all(store.readStream(name))).map(({ stream }) => stream),
      [name],
    )
  })

  it('rejects with WrongExpectedRevision and the actual revision', async ({ store, prefix }) => {
    await store.append(`${prefix}a`, NO_STREAM, events(2))
    for (const [stream, expected, actual] of [
      [`${prefix}a`, NO_STREAM, 1],
      [`${prefix}a`, 0, 1],
      [`${prefix}a`, 7, 1],
      [`${prefix}none`, 0, NO_STREAM],
    ] as const) {
      await assert.rejects(store.append(stream, expected, events(2)), error => {
        assert.ok(error instanceof WrongExpectedRevision)
        assert.deepEqual([error.stream, error.expected, error.actual], [stream, expected, actual])
        return true
      })
    }
    assert.equal((await all(store.readAll({ prefixes: [prefix] }))).length, 2)
  })

  it('accepts one of many concurrent appends at the same revision', async ({ store, prefix }) => {
    const appends = Array.from({ length: 20 }, () => store.append(`${prefix}a`, NO_STREAM, events(2)))
    const outcomes = await Promise.allSettled(appends)
    const refused = outcomes.filter(outcome => outcome.status === 'rejected')
    assert.equal(refused.length, 19)
    for (const { reason } of refused) assert.ok(reason instanceof WrongExpectedRevision)
    assert.deepEqual(revisionsOf(await all(store.readStream(`${prefix}a`))), upTo(2))
  })

  it('returns the first result for a repeated append and writes nothing', async ({ harness, store, prefix }) => {
    const [first, second] = [events(3), events(2)]
    const answer = await store.append(`${prefix}a`, NO_STREAM, first)
    assert.deepEqual(await store.append(`${prefix}a`, NO_STREAM, first), answer)
    const secondAnswer = await store.append(`${prefix}a`, 2, second)
    const reopened = await harness.reopen()
    assert.deepEqual(await reopened.append(`${prefix}a`, NO_STREAM, first), answer)
    assert.deepEqual(await reopened.append(`${prefix}a`, 2, second), secondAnswer)
    assert.deepEqual(idsOf(await all(reopened.readStream(`${prefix}a`))), idsOf([...first, ...second]))
  })

  it('returns the same result for an append that is sent twice concurrently', async ({ store, prefix }) => {
    const appended = events(2)
    const [one, other] = await Promise.all([
      store.append(`${prefix}a`, NO_STREAM, appended),
      store.append(`${prefix}a`, NO_STREAM, appended),
    ])
    assert.deepEqual(one, other)
    assert.equal((await all(store.readStream(`${prefix}a`))).length, 2)
  })

  it('recognizes a repeated append by its ids alone', async ({ store, prefix }) => {
    const first = event({ port: 1 })
    const answer = await store.append(`${prefix}a`, NO_STREAM, [first])
    assert.deepEqual(await store.append(`${prefix}a`, NO_STREAM, [{ ...first, data: { port: 2 } }]), answer)
    assert.deepEqual(
      (await all(store.readStream(`${prefix}a`))).map(({ data }) => data),
      [{ port: 1 }],
    )
  })

  it('rejects stored events together with new ones at the old revision', async ({ store, prefix }) => {
    const first = events(2)
    await store.append(`${prefix}a`, NO_STREAM, first)
    await assert.rejects(store.append(`${prefix}a`, NO_STREAM, [...first, event()]), WrongExpectedRevision)
    await assert.rejects(store.append(`${prefix}a`, NO_STREAM, [first[1]!, first[0]!]), WrongExpectedRevision)
    // As many events as are stored, one of them another.
    for (const other of [
      [first[0]!, event()],
      [event(), first[1]!],
      [event(), event()],
    ])
      await assert.rejects(store.append(`${prefix}a`, NO_STREAM, other), WrongExpectedRevision)
    assert.equal((await all(store.readStream(`${prefix}a`))).length, 2)
  })

  it('writes a stored event again at the current revision', async ({ store, prefix }) => {
    const again = event()
    await store.append(`${prefix}a`, NO_STREAM, [again])
    assert.equal((await store.append(`${prefix}a`, 0, [again])).revision, 1)
    assert.deepEqual(idsOf(await all(store.readStream(`${prefix}a`))), [again.id, again.id])
  })

  it('accepts the same ids in another stream', async ({ store, prefix }) => {
    const shared = event()
    await store.append(`${prefix}a`, NO_STREAM, [shared])
    assert.equal((await store.append(`${prefix}b`, NO_STREAM, [shared])).revision, 0)
  })

  it('accepts an append without events at the right revision', async ({ store, prefix }) => {
    await store.append(`${prefix}a`, NO_STREAM, events(2))
    assert.equal((await store.append(`${prefix}a`, 1, [])).revision, 1)
    assert.equal((await store.append(`${prefix}b`, NO_STREAM, [])).revision, NO_STREAM)
    await assert.rejects(store.append(`${prefix}a`, 0, []), WrongExpectedRevision)
    await assert.rejects(store.append(`${prefix}b`, 0, []), WrongExpectedRevision)
    assert.equal((await all(store.readAll({ prefixes: [prefix] }))).length, 2)
  })

  it('accepts an append of 1 MiB and rejects a larger one', async ({ store, prefix }) => {
    const size = ({ data, metadata }: ReturnType<typeof event>) =>
      JSON.stringify(data).length + JSON.stringify(metadata).length
    const room = MAX_APPEND_BYTES - size(event({ text: '' }))
    const fits = event({ text: 'x'.repeat(room) })
    const tooLarge = event({ text: 'x'.repeat(room + 1) })
    await assert.rejects(store.append(`${prefix}a`, NO_STREAM, [tooLarge]), AppendTooLarge)
    await assert.rejects(store.append(`${prefix}a`, NO_STREAM, [fits, event()]), AppendTooLarge)
    const inAnotherAlphabet = event({ text: 'ж'.repeat(room / 2 + 1) })
    await assert.rejects(store.append(`${prefix}a`, NO_STREAM, [inAnotherAlphabet]), AppendTooLarge)
    await assert.rejects(store.append(`${prefix}a`, NO_STREAM, [event({ text: 'x'.repeat(17 << 20) })]), AppendTooLarge)
    assert.equal((await store.append(`${prefix}a`, NO_STREAM, [fits])).revision, 0)
    assert.equal((await all(store.readStream(`${prefix}a`))).length, 1)
  })

  it('stores an event of 900 KB', async ({ store, prefix }) => {
    const large = event({ text: 'lorem ipsum '.repeat(75_000) })
    await store.append(`${prefix}a`, NO_STREAM, [event(), large, event()])
    const read = await all(store.readStream(`${prefix}a`))
    assert.deepEqual(read[1]?.data, large.data)
    assert.deepEqual(await all(store.readAll({ prefixes: [prefix] })), read)
  })

  it('rejects invalid ids and stream names', async ({ store, prefix }) => {
    for (const [stream, id] of [
      ['', crypto.randomUUID()],
      [`$${prefix}a`, crypto.randomUUID()],
      [`${prefix}a`, ''],
      [`${prefix}a`, 'listener-17'],
      [`${prefix}a`, `${crypto.randomUUID()}0`],
    ] as const) {
      await assert.rejects(store.append(stream, NO_STREAM, [event(), { ...event(), id }]), InvalidAppend)
    }
    assert.deepEqual(await all(store.readAll({ prefixes: [prefix] })), [])
  })

  it('appends many events of several streams in the order given', async ({ store, prefix, start }) => {
    const given = inTurns(prefix, 600)
    await store.appendInOrder(given.values(), start)
    assert.deepEqual(idsOf(await all(store.readAll({ prefixes: [prefix] }))), idsOf(given.events))
  })

  it('continues an order whose beginning is there', async ({ store, prefix, start }) => {
    const given = inTurns(prefix, 30)
    await store.appendInOrder(given.values(20), start)
    await store.appendInOrder(given.values(), start)
    assert.deepEqual(idsOf(await all(store.readAll({ prefixes: [prefix] }))), idsOf(given.events))
  })

  it('appends what precedes an invalid append or the failure of the source', async ({ store, prefix, start }) => {
    const given = inTurns(prefix, 30)
    const conflict = { stream: `${prefix}0`, expectedRevision: 99, events: [event()] }
    await assert.rejects(store.appendInOrder(given.values(20, conflict), start), WrongExpectedRevision)
    const failing = async function* () {
      yield* given.values()
      throw new RangeError('no more')
    }
    await assert.rejects(store.appendInOrder(failing(), start), RangeError)
    assert.deepEqual(idsOf(await all(store.readAll({ prefixes: [prefix] }))), idsOf(given.events))
  })

  it('accepts appends beside rejected ones', async ({ store, prefix }) => {
    const outcomes = await Promise.allSettled(
      upTo(30).map(n =>
        store.append(`${prefix}${n}`, n % 3 === 0 ? 5 : NO_STREAM, n % 3 === 1 ? [{ ...event(), id: '?' }] : [event()]),
      ),
    )
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      upTo(30).map(n => (n % 3 === 2 ? 'fulfilled' : 'rejected')),
    )
  })
}
