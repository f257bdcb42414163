import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isPosition, momentOf, parseAt, parsePath, resourcePath, sitePath } from '../../src/console/routes/route.ts'
import { titleOf } from '../../src/console/routes/title.ts'

describe('titleOf', () => {
  for (const [path, title] of [
    ['/', 'Timeline – Hark'],
    ['/sites/west', 'Site of west – Hark'],
    ['/listeners/west/backend', 'Listener backend in west – Hark'],
    ['/nothing', 'No such page – Hark'],
  ] as const)
    test(`names ${path}`, () => assert.equal(titleOf(parsePath(path)), title))
})

describe('routes of the console', () => {
  for (const [path, route] of [
    ['/', { page: 'lanes' }],
    ['/network', { page: 'network' }],
    ['/listeners', { page: 'listeners' }],
    ['/listeners/west/backend', { page: 'resource', kind: 'Listener', namespace: 'west', name: 'backend' }],
    ['/connectors/east/a.b', { page: 'resource', kind: 'Connector', namespace: 'east', name: 'a.b' }],
    ['/multi-key-listeners/west/all', { page: 'resource', kind: 'MultiKeyListener', namespace: 'west', name: 'all' }],
    ['/multi-key-listeners', { page: 'unknown' }],
    ['/audit/', { page: 'audit' }],
    ['/sites/west', { page: 'site', namespace: 'west' }],
    ['/sites/west/x', { page: 'unknown' }],
    ['/listeners/%E0/x', { page: 'unknown' }],
    ['/graphql', { page: 'unknown' }],
  ] as const)
    test(`reads ${path}`, () => assert.deepEqual(parsePath(path), route))

  test('reads back the path of a resource', () => {
    for (const kind of ['Listener', 'Connector', 'MultiKeyListener'] as const)
      assert.deepEqual(parsePath(resourcePath(kind, 'a/b', '%')), {
        page: 'resource',
        kind,
        namespace: 'a/b',
        name: '%',
      })
    assert.deepEqual(parsePath(sitePath('a/b')), { page: 'site', namespace: 'a/b' })
  })
})

describe('the moment in the address', () => {
  test('is a position, padded to its full length', () => {
    assert.equal(parseAt('25'), '0000000000000025')
    assert.equal(isPosition('0000000000000025'), true)
    assert.deepEqual(momentOf('0000000000000025'), { position: '0000000000000025' })
  })

  test('is a time', () => {
    assert.deepEqual(momentOf(parseAt('2026-11-29T23:45:44.648Z')), { time: '2026-11-29T23:45:44.648Z' })
  })

  test('is the present where there is none, or no valid one', () => {
    for (const text of [null, '', 'yesterday']) assert.equal(momentOf(parseAt(text)), undefined)
  })
})
