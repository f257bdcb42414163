import assert from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import { allNodes, type Lists, loadPages, pageOf } from '../../src/console/api/pages.ts'
import { viewer } from '../../src/console/api/viewer.ts'

const SIZE = 2

/** Two lists of texts in pages of two, whatever their requested size; `requests` has the cursors of each request. */
const lists = (...all: readonly (readonly string[])[]) => {
  const requests: unknown[] = []
  const pages: Lists<string> = {
    count: all.length,
    load: async ({ namespace, after }) => {
      requests.push([namespace, ...after])
      return all.map((list, place) => {
        const cursor = after[place]
        if (cursor === undefined) return undefined
        const begin = Number(cursor ?? 0)
        const nodes = list.slice(begin, begin + SIZE)
        const end = begin + nodes.length
        return pageOf(
          {
            totalCount: list.length,
            edges: nodes.map(node => ({ node })),
            pageInfo: { hasNextPage: end < list.length, endCursor: String(end) },
          },
          node => `${namespace ?? ''}${node}`,
        )
      })
    },
  }
  return { pages, requests }
}

const stop = new AbortController().signal

describe('loadPages', () => {
  afterEach(() => {
    viewer.value = undefined
  })
  const mayRead = (namespaces: string[] | null): void => {
    viewer.value = {
      name: 'someone',
      roles: [],
      requiresToken: true,
      permissions: [{ permission: 'read', namespaces }],
    }
  }

  test('loads a page of each list in one request, then only of those that have more', async () => {
    mayRead(null)
    const { pages, requests } = lists(['a', 'b', 'c'], ['d'])
    const shown: unknown[] = []
    for await (const { nodes, total } of loadPages(pages, {}, stop)) shown.push([nodes.join(''), total])
    assert.deepEqual(shown, [
      ['abd', 4],
      ['abcd', 4],
    ])
    assert.deepEqual(requests, [
      [undefined, null, null],
      [undefined, '2', undefined],
    ])
  })

  test('loads the namespaces that the viewer may read, list after list', async () => {
    mayRead(['west', 'east'])
    const { pages } = lists(['1'], ['2'])
    assert.deepEqual(await allNodes(pages, stop), ['west1', 'east1', 'west2', 'east2'])
  })
})
