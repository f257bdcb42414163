import assert from 'node:assert/strict'
import { NO_STREAM } from '../../../src/event-store/event-store.ts'
import { all, event, events, idsOf, revisionsOf, upTo } from './events.ts'
import type { Declare } from './harness.ts'

export const reading = (it: Declare): void => {
  it('returns nothing for a stream that does not exist', async ({ store, prefix }) => {
    assert.deepEqual(await all(store.readStream(`${prefix}none`)), [])
    assert.deepEqual(await all(store.readStream(`${prefix}none`, { direction: 'backward' })), [])
  })

  it('reads a stream from any revision, in both directions, up to a limit', async ({ store, prefix }) => {
    const stream = `${prefix}a`
    await store.append(stream, NO_STREAM, events(10))
    const read = async (options: Parameters<typeof store.readStream>[1]) =>
      revisionsOf(await all(store.readStream(stream, options)))
    assert.deepEqual(await read({}), upTo(10))
    assert.deepEqual(await read({ from: 7 }), [7, 8, 9])
    assert.deepEqual(await read({ from: 7, limit: 2 }), [7, 8])
    assert.deepEqual(await read({ from: 10 }), [])
    assert.deepEqual(await read({ limit: 0 }), [])
    assert.deepEqual(await read({ direction: 'backward' }), upTo(10).reverse())
    assert.deepEqual(await read({ direction: 'backward', limit: 1 }), [9])
    assert.deepEqual(await read({ direction: 'backward', from: 2 }), [2, 1, 0])
    assert.deepEqual(await read({ direction: 'backward', from: 2, limit: 2 }), [2, 1])
    assert.deepEqual(await read({ direction: 'backward', from: 0 }), [0])
    assert.deepEqual(await read({ direction: 'backward', from: 99, limit: 2 }), [9, 8])
  })

  it('reads a stream of 3,000 events', async ({ store, prefix }) => {
    const appended = events(3_000)
    for (let at = 0; at < appended.length; at += 500)
      await store.append(`${prefix}a`, at - 1, appended.slice(at, at + 500))
    const forward = await all(store.readStream(`${prefix}a`))
    assert.deepEqual(idsOf(forward), idsOf(appended))
    assert.deepEqual(revisionsOf(forward), upTo(3_000))
    assert.deepEqual(await all(store.readStream(`${prefix}a`, { direction: 'backward' })), forward.reverse())
  })

  it('allows a reader to stop early', async ({ store, prefix }) => {
    await store.append(`${prefix}a`, NO_STREAM, events(2_000))
    for (const reading of [
      () => store.readStream(`${prefix}a`),
      () => store.readStream(`${prefix}a`, { direction: 'backward' }),
      () => store.readAll({ prefixes: [prefix] }),
      () => store.readAll({ prefixes: [prefix], direction: 'backward' }),
    ]) {
      for await (const { stream } of reading()) {
        assert.equal(stream, `${prefix}a`)
        break
      }
    }
    assert.equal((await all(store.readStream(`${prefix}a`))).length, 2_000)
  })

  it('reads all streams in order of position', async ({ store, prefix }) => {
    const appended = events(30)
    for (const [n, event] of appended.entries()) await store.append(`${prefix}${n % 3}`, Math.floor(n / 3) - 1, [event])
    const read = await all(store.readAll({ prefixes: [prefix] }))
    assert.deepEqual(idsOf(read), idsOf(appended))
    for (const [n, { position, time }] of read.slice(1).entries()) {
      assert.ok(position > read[n]!.position && time >= read[n]!.time)
    }
    assert.deepEqual(await all(store.readAll({ prefixes: [prefix], direction: 'backward' })), [...read].reverse())
  })

  it('reads the log from an exclusive position, in both directions, up to a limit', async ({ store, prefix }) => {
    await store.append(`${prefix}a`, NO_STREAM, events(6))
    await store.append(`${prefix}b`, NO_STREAM, events(4))
    const written = await all(store.readAll({ prefixes: [prefix] }))
    const [first, fifth, last] = [written[0]!, written[4]!, written[9]!]
    const read = async (options: Parameters<typeof store.readAll>[0]) =>
      idsOf(await all(store.readAll({ prefixes: [prefix], ...options })))
    assert.deepEqual(await read({ from: fifth.position }), idsOf(written.slice(5)))
    assert.deepEqual(await read({ from: fifth.position, limit: 2 }), idsOf(written.slice(5, 7)))
    assert.deepEqual(await read({ limit: 3 }), idsOf(written.slice(0, 3)))
    assert.deepEqual(await read({ limit: 0 }), [])
    assert.deepEqual(await read({ from: last.position }), [])
    assert.deepEqual(await read({ from: fifth.position, direction: 'backward' }), idsOf(written.slice(0, 4).reverse()))
    assert.deepEqual(
      await read({ from: fifth.position, direction: 'backward', limit: 2 }),
      idsOf([written[3]!, written[2]!]),
    )
    assert.deepEqual(await read({ direction: 'backward', limit: 1 }), [last.id])
    assert.deepEqual(await read({ from: first.position, direction: 'backward' }), [])
  })

  it('reads only streams with one of the prefixes', async ({ store, prefix }) => {
    for (const name of ['listener-a', 'connector-a', 'router-a', 'listener'])
      await store.append(prefix + name, NO_STREAM, [event()])
    const read = async (...prefixes: string[]) => {
      const found = await all(store.readAll({ prefixes: prefixes.map(name => prefix + name) }))
      const backward = await all(
        store.readAll({ prefixes: prefixes.map(name => prefix + name), direction: 'backward' }),
      )
      assert.deepEqual(backward, [...found].reverse())
      return found.map(({ stream }) => stream.slice(prefix.length))
    }
    assert.deepEqual(await read('listener-', 'router-'), ['listener-a', 'router-a'])
    assert.deepEqual(await read('listener'), ['listener-a', 'listener'])
    assert.deepEqual(await read('site-'), [])
    assert.deepEqual(await read(), [])
  })

  it('skips system streams if no prefix is given', async ({ store, prefix }) => {
    const { position } = await store.append(`${prefix}a`, NO_STREAM, events(3))
    await store.append(`${prefix}b`, NO_STREAM, events(2))
    const read = await all(store.readAll({ from: position }))
    assert.deepEqual(
      read.filter(({ stream }) => stream.startsWith('$') || stream === `${prefix}a`),
      [],
    )
    assert.equal(read.filter(({ stream }) => stream === `${prefix}b`).length, 2)
    for await (const { stream } of store.readAll({ limit: 20, direction: 'backward' }))
      assert.ok(!stream.startsWith('$'))
  })

  it('ends where the log ended when the reading began', async ({ store, prefix }) => {
    await store.append(`${prefix}a`, NO_STREAM, events(50))
    const seen: number[] = []
    for await (const { revision } of store.readAll({ prefixes: [prefix] })) {
      seen.push(revision)
      await store.append(`${prefix}a`, 48 + seen.length, [event()])
    }
    assert.deepEqual(seen, upTo(50))
  })

  it('reads while appends go on', async ({ store, prefix }) => {
    const appends = upTo(200).map(n => store.append(`${prefix}${n}`, NO_STREAM, events(2)))
    for (let round = 0; round < 3; round++) {
      const read = await all(store.readAll({ prefixes: [prefix] }))
      const perStream = Map.groupBy(read, ({ stream }) => stream)
      for (const found of perStream.values()) assert.deepEqual(revisionsOf(found), upTo(found.length))
    }
    await Promise.all(appends)
    assert.equal((await all(store.readAll({ prefixes: [prefix] }))).length, 400)
  })
}
