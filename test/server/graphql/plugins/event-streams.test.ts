import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { test } from 'node:test'
import { EventStream } from '../../../../src/server/graphql/plugins/event-streams.ts'
import type { Result } from '../../../../src/server/graphql/result.ts'
import { eventually } from '../../../support/eventually.ts'

const result = (text: string): Result => ({ stringify: () => text })

/** Collects chunks, each taken some turns of the event loop after the one before. */
const slowReader = (chunks: string[], onChunk = () => {}): Writable =>
  new Writable({
    highWaterMark: 1,
    write: (chunk, _, done) => {
      chunks.push(String(chunk))
      onChunk()
      setImmediate(done)
    },
  })

test('EventStream › sends the events of one turn as one chunk', async () => {
  async function* results() {
    for (const text of ['1', '2', '3']) yield result(text)
  }
  const chunks: string[] = []
  await pipeline(new EventStream(results()), slowReader(chunks))
  const events = ['1', '2', '3'].map(text => `event: next\ndata: ${text}\n\n`).join('')
  assert.equal(chunks.join(''), `:\n\n${events}event: complete\ndata:\n\n`)
  assert.ok(chunks.length <= 2, `${chunks.length} chunks`)
})

test('EventStream › sends every result to a slow reader, and holds few', async () => {
  const count = 500
  const size = 1_000
  let made = 0
  async function* results() {
    for (; made < count; made += 1) {
      // Some are there at once, others only later.
      if (made % 7 === 0) await new Promise(resolve => setImmediate(resolve))
      yield result(`${made} `.padEnd(size, 'x'))
    }
  }
  const chunks: string[] = []
  let most = 0
  const reader = slowReader(chunks, () => {
    const read = chunks.reduce((sum, { length }) => sum + length, 0)
    most = Math.max(most, made * size - read)
  })
  await pipeline(new EventStream(results()), reader)
  const numbers = [...chunks.join('').matchAll(/^data: (\d+) /gm)].map(([, number]) => Number(number))
  assert.deepEqual(
    numbers,
    Array.from({ length: count }, (_, index) => index),
  )
  assert.ok(most < 64_000, `${most} characters were held`)
})

test('EventStream › sends results that follow without waiting, and takes no more than it has room for', async () => {
  const size = 1_000
  const count = 100
  let made = 0
  const make = (): string => `${made++} `.padEnd(size, 'x')
  async function* results() {
    while (made < count) yield { ...result(make()), following: () => (made % 40 === 0 ? undefined : make()) }
  }
  const chunks: string[] = []
  let most = 0
  const reader = slowReader(chunks, () => {
    most = Math.max(most, made * size - chunks.reduce((sum, { length }) => sum + length, 0))
  })
  await pipeline(new EventStream(results()), reader)
  const numbers = [...chunks.join('').matchAll(/^data: (\d+) /gm)].map(([, number]) => Number(number))
  assert.deepEqual(
    numbers,
    Array.from({ length: made }, (_, index) => index),
  )
  assert.ok(most < 64_000, `${most} characters were held`)
})

test('EventStream › ends its results when the connection closes', async () => {
  let isEnded = false
  const results: AsyncIterableIterator<Result> = {
    next: () => new Promise(() => {}),
    return: async () => {
      isEnded = true
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]: () => results,
  }
  const stream = new EventStream(results)
  stream.resume()
  stream.destroy()
  await eventually(() => isEnded)
})
