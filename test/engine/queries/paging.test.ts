import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ResourceFilter } from '../../../src/engine/queries/types.ts'
import { createConnector, createListener, deleteListener, updateRoutingKey } from '../../support/commands.ts'
import { TestEngine } from '../../support/test-engine.ts'

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g']

const withListeners = async (): Promise<TestEngine> => {
  const test = await TestEngine.start()
  await Promise.all(NAMES.toReversed().map(name => test.run(createListener(name))))
  await test.run({ ...createListener('z'), namespace: 'east' })
  await test.run({ ...createListener('a'), namespace: 'west-2' })
  return test
}

const page = (
  { engine }: TestEngine,
  first: number,
  after?: string,
  filter: ResourceFilter = { namespace: 'west' },
) => {
  const { rows, ...rest } = engine.read.resources('Listener', filter, { first, after })
  return { ...rest, names: rows.map(({ row }) => row.name), last: rows.at(-1)?.cursor }
}

describe('listeners query › page', () => {
  it('returns the rows that match the filter, in order of name', async () => {
    await using test = await withListeners()
    assert.deepEqual(page(test, 100).names, NAMES)
    const everything = test.engine.read
      .resources('Listener', {}, { first: 100 })
      .rows.map(({ row }) => `${row.namespace}/${row.name}`)
    assert.deepEqual(everything, [...everything].sort())
    assert.equal(everything.length, NAMES.length + 2)
  })

  it('continues after the previous page until there is no next', async () => {
    await using test = await withListeners()
    const first = page(test, 3)
    const second = page(test, 3, first.last)
    const third = page(test, 3, second.last)
    assert.deepEqual([first.names, second.names, third.names], [['a', 'b', 'c'], ['d', 'e', 'f'], ['g']])
    assert.deepEqual([first.hasNextPage, second.hasNextPage, third.hasNextPage], [true, true, false])
    assert.deepEqual([first.totalCount, second.totalCount, third.totalCount], [7, 7, 7])
    assert.deepEqual(page(test, 3, third.last).names, [])
  })

  it('has no next page if it ends with the last row', async () => {
    await using test = await withListeners()
    assert.equal(page(test, NAMES.length).hasNextPage, false)
    assert.equal(page(test, NAMES.length - 1).hasNextPage, true)
  })

  it('continues at the right row while rows are added and removed', async () => {
    await using test = await withListeners()
    const { last } = page(test, 3)
    await test.run(deleteListener('a'))
    await test.run(deleteListener('c'))
    await test.run(createListener('aa'))
    await test.run(createListener('cc'))
    assert.deepEqual(page(test, 2, last).names, ['cc', 'd'])
  })

  it('filters by routing key and by status', async () => {
    await using test = await withListeners()
    await test.run(updateRoutingKey('b', 'api'))
    await test.run(updateRoutingKey('f', 'api'))
    const ofKey = { namespace: 'west', routingKey: 'api' }
    assert.deepEqual(page(test, 1, undefined, ofKey).names, ['b'])
    assert.deepEqual(page(test, 9, page(test, 1, undefined, ofKey).last, ofKey).names, ['f'])
    assert.equal(page(test, 9, undefined, { status: 'Pending' }).totalCount, 9)
    assert.equal(page(test, 9, undefined, { status: 'Ready' }).totalCount, 0)
  })

  it('pages connectors as well', async () => {
    await using test = await TestEngine.start()
    for (const name of ['b', 'a', 'c']) await test.run(createConnector(name, { routingKey: name === 'c' ? 'x' : 'y' }))
    const { rows, hasNextPage, totalCount } = test.engine.read.resources('Connector', { routingKey: 'y' }, { first: 1 })
    assert.deepEqual([rows.map(({ row }) => row.name), hasNextPage, totalCount], [['a'], true, 2])
  })
})

describe('fromCursor', () => {
  for (const cursor of ['', 'nonsense', 'YQ', '!!!!']) {
    it(`rejects ${JSON.stringify(cursor)}`, async () => {
      await using test = await TestEngine.start()
      assert.throws(() => page(test, 1, cursor), { code: 'BAD_USER_INPUT' })
    })
  }
})
