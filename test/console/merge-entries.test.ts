import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type LoadEntries, mergeEntries } from '../../src/console/audit/merge-entries.ts'

interface Entry {
  readonly position: string
}

const PAGE = 2

/** Pages of a namespace whose entries have these positions. */
const namespace = (...positions: readonly number[]) => {
  const pages: (string | undefined)[] = []
  const load: LoadEntries<Entry> = async after => {
    pages.push(after)
    const begin = after === undefined ? 0 : Number(after)
    const next = begin + PAGE
    return {
      entries: positions.slice(begin, next).map(position => ({ position: String(position).padStart(3, '0') })),
      total: positions.length,
      next: next < positions.length ? String(next) : undefined,
    }
  }
  return { load, pages }
}

const merged = async (loads: readonly LoadEntries<Entry>[], most = Number.POSITIVE_INFINITY) => {
  const { entries, total } = await mergeEntries(loads, most)
  return { positions: entries.map(({ position }) => Number(position)), total }
}

describe('audit entries of several namespaces', () => {
  test('are in one order', async () => {
    const [west, east, south] = [namespace(1, 4, 5, 8, 9), namespace(2, 3, 6, 7), namespace()]
    assert.deepEqual(await merged([west.load, east.load, south.load]), {
      positions: [1, 2, 3, 4, 5, 6, 7, 8, 9],
      total: 9,
    })
  })

  test('are the oldest ones of all namespaces if not all are wanted', async () => {
    const [west, east] = [namespace(10, 11, 12, 13), namespace(1, 2, 3, 4, 5, 6)]
    assert.deepEqual(await merged([west.load, east.load], 5), { positions: [1, 2, 3, 4, 5], total: 10 })
    assert.deepEqual(west.pages, [undefined])
  })

  test('are read no further than needed', async () => {
    const west = namespace(1, 2, 3, 4, 5, 6)
    assert.deepEqual((await merged([west.load], 3)).positions, [1, 2, 3])
    assert.deepEqual(west.pages, [undefined, '2'])
  })
})
