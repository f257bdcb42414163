import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ServerError, Unreachable } from '../../../src/cli/client/errors.ts'
import { requestEach } from '../../../src/cli/client/request-each.ts'

const items = Array.from({ length: 40 }, (_, index) => index)

const rejection = (extensions: object): ServerError => new ServerError([{ message: 'rejected', extensions }])

describe('requestEach', () => {
  it('sends 16 requests at once and yields in the order of the items, whichever response is first', async () => {
    const pending: (() => void)[] = []
    let most = 0
    const outcomes = requestEach(items, () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      most = Math.max(most, pending.push(resolve))
      // Responds to the last first, once all are sent that may be.
      setImmediate(() => pending.pop()?.())
      return promise
    })
    const order = await Array.fromAsync(outcomes, ({ item }) => item)
    assert.deepEqual(order, items)
    assert.equal(most, 16)
  })

  it('sends every item once', async () => {
    const sent: number[] = []
    await Array.fromAsync(requestEach(items, async item => sent.push(item)))
    assert.deepEqual(sent, items)
  })

  it('yields a rejection and continues', async () => {
    const notFound = rejection({ code: 'NOT_FOUND' })
    const request = async (item: number) => {
      if (item === 3) throw notFound
    }
    const outcomes = await Array.fromAsync(requestEach(items, request))
    assert.equal(outcomes.length, items.length)
    assert.deepEqual(
      outcomes.filter(outcome => outcome.rejection),
      [{ item: 3, rejection: notFound }],
    )
  })

  it('repeats a request above a limit of the engine', async () => {
    const tries = new Map<number, number>()
    const request = async (item: number) => {
      tries.set(item, (tries.get(item) ?? 0) + 1)
      if (item % 2 === 1 && tries.get(item) === 1) throw rejection({ code: 'UNAVAILABLE', retryAfterSeconds: 0.001 })
    }
    const outcomes = await Array.fromAsync(requestEach(items, request))
    assert.deepEqual(
      outcomes.map(({ item, rejection }) => [item, rejection]),
      items.map(item => [item, undefined]),
    )
    assert.deepEqual(
      [...tries.values()],
      items.map(item => 1 + (item % 2)),
    )
  })

  it('sends nothing more to an unreachable engine, and yields what succeeded before it throws', async () => {
    const [yielded, sent] = [[] as number[], [] as number[]]
    const unreachable = new Unreachable('no engine')
    const request = async (item: number) => {
      sent.push(item)
      if (item === 2) throw unreachable
    }
    const consume = async () => {
      for await (const { item } of requestEach(items, request)) yielded.push(item)
    }
    await assert.rejects(consume, unreachable)
    assert.deepEqual(sent, items.slice(0, 16))
    assert.deepEqual(
      yielded,
      sent.filter(item => item !== 2),
    )
  })
})
