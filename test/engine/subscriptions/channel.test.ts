import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Channel, type ChannelReader } from '../../../src/engine/subscriptions/channel.ts'
import { liveHeap } from '../../support/live-heap.ts'

const batchOf = (value: number) => ({ position: value, values: [value] })

const push = (channel: Channel<number>, from: number, to: number): void => {
  for (let value = from; value <= to; value += 1) channel.push(batchOf(value))
}

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)

/** More than any test pushes: an endless reader would block even the test's timeout. */
const MOST = 100_000

const readAll = async (reader: ChannelReader<number>): Promise<number[]> => {
  const read: number[] = []
  for await (const { values } of reader.read()) {
    read.push(...values)
    assert.ok(read.length < MOST, 'it gives values without end')
  }
  return read
}

describe('Channel', { timeout: 30_000 }, () => {
  it('delivers to each reader what is pushed after it joined, once and in order', async () => {
    const channel = new Channel<number>()
    const first = channel.join()
    push(channel, 1, 2)
    const [reading, later] = [readAll(first), readAll(channel.join())]
    for (let value = 3; value <= 50; value += 1) {
      if (value % 7 === 0) await Promise.resolve()
      push(channel, value, value)
    }
    channel.close()
    push(channel, 51, 51)
    assert.deepEqual(await reading, numbers(1, 50))
    assert.deepEqual(await later, numbers(3, 50))
  })

  it('delivers what is there as one batch, with the position of its end', async () => {
    const channel = new Channel<number>()
    const reading = channel.join().read()
    push(channel, 1, 40)
    assert.deepEqual((await reading.next()).value, { position: 32, values: numbers(1, 32) })
    assert.deepEqual((await reading.next()).value, { position: 40, values: numbers(33, 40) })
  })

  it('calls onDeserted when the last reader leaves', async () => {
    let isDeserted = false
    const channel = new Channel<number>(() => {
      isDeserted = true
    })
    const [one, other] = [channel.join(), channel.join()]
    push(channel, 1, 1)
    for await (const { values } of one.read()) {
      assert.deepEqual(values, [1])
      break
    }
    assert.ok(!isDeserted)
    other.close()
    assert.ok(isDeserted)
  })

  it('delivers to a closed reader only what was pushed before', async () => {
    const channel = new Channel<number>()
    const reader = channel.join()
    push(channel, 1, 3)
    reader.close()
    push(channel, 4, 5)
    assert.deepEqual(await readAll(reader), [1, 2, 3])
  })

  it('ends a waiting reader when it is closed', async () => {
    const channel = new Channel<number>()
    const reader = channel.join()
    const reading = readAll(reader)
    await Promise.resolve()
    reader.close()
    assert.deepEqual(await reading, [])
  })

  it('throws the failure that it is closed with', async () => {
    const channel = new Channel<number>()
    const reading = readAll(channel.join())
    channel.close(new Error('gone'))
    await assert.rejects(reading, /gone/)
  })

  it('ends a reader that is too slow, marks it, and serves the others', async () => {
    const channel = new Channel<number>()
    const [slow, swift] = [channel.join(), channel.join()]
    const reading = readAll(swift)
    for (let value = 1; value <= 1001; value += 1) {
      push(channel, value, value)
      if (value % 100 === 0) await new Promise(resolve => setImmediate(resolve))
    }
    channel.close()
    assert.deepEqual(await readAll(slow), [])
    assert.ok(slow.hasOverflowed)
    assert.deepEqual(await reading, numbers(1, 1001))
    assert.ok(!swift.hasOverflowed)
  })

  it('delivers nothing more to a reader that became too slow', async () => {
    const channel = new Channel<number>()
    const reader = channel.join()
    push(channel, 1, 10)
    const reading = reader.read()
    assert.deepEqual((await reading.next()).value?.values, numbers(1, 10))
    push(channel, 11, 1100)
    assert.ok((await reading.next()).done)
    assert.ok(reader.hasOverflowed)
  })

  it('holds nothing in memory for a reader that is too slow', async () => {
    const channel = new Channel<number>()
    const reader = channel.join()
    const values = [0]
    const held = new WeakRef(values)
    channel.push({ position: 0, values: held.deref() as number[] })
    values.length = 0
    push(channel, 1, 1200)
    assert.ok(reader.hasOverflowed, 'it overflowed before it read')
  })

  it('holds nothing in memory of what follows after a reader was too slow', async () => {
    const channel = new Channel<object>()
    const reader = channel.join()
    const pushed: WeakRef<object>[] = []
    for (let position = 1; position <= 1500; position += 1) {
      const value = { position }
      pushed.push(new WeakRef(value))
      channel.push({ position, values: [value] })
    }
    assert.ok(reader.hasOverflowed)
    await new Promise(resolve => setImmediate(resolve))
    liveHeap()
    // The channel itself holds the last.
    assert.ok(pushed.filter(ref => ref.deref() !== undefined).length <= 1)
    assert.ok(reader.hasOverflowed)
  })
})
