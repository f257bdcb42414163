import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import about from '../../package.json' with { type: 'json' }
import { read } from '../support/tree.ts'

interface Lock {
  readonly packages: Readonly<Record<string, { readonly engines?: { readonly node?: string } }>>
}

type Version = readonly [major: number, minor: number, patch: number]

const versionOf = (text: string): Version => {
  const [major, minor, patch] = text.split('.').map(part => Number.parseInt(part, 10) || 0)
  return [major ?? 0, minor ?? 0, patch ?? 0]
}

const isAtMost = (version: Version, other: Version): boolean => {
  const different = version.findIndex((part, index) => part !== other[index])
  return different === -1 || (version[different] as number) < (other[different] as number)
}

/** Whether a range accepts a version and all newer ones: one alternative is a lower bound that the version meets. */
const takesFrom = (version: Version, range: string): boolean =>
  range.split('||').some(alternative => {
    const bound = /^\s*>=\s*(\d[\d.x*]*)\s*$/.exec(alternative)?.[1]
    return bound !== undefined && isAtMost(versionOf(bound), version)
  })

const oldest = versionOf(/Node\.js (\d+(?:\.\d+)*) or newer/.exec(read('README.md'))?.[1] ?? assert.fail('none named'))

describe('the Node.js version in the README', () => {
  test('equals engines.node of the package', () => {
    assert.deepEqual(versionOf(about.engines.node.replace('>=', '')), oldest)
  })

  test('satisfies every installed package', () => {
    const { packages } = JSON.parse(read('package-lock.json')) as Lock
    const wanted = Object.entries(packages).flatMap(([path, { engines }]) =>
      engines?.node === undefined ? [] : [{ path, range: engines.node }],
    )
    assert.ok(wanted.length > 50, 'the lock file lists engines')
    assert.deepEqual(
      wanted.filter(({ range }) => !takesFrom(oldest, range)),
      [],
    )
  })

  for (const [range, taken] of [
    ['>=20', true],
    ['6.* || 8.* || >= 10.*', true],
    ['>= 10.x', true],
    ['>=20.0.1', false],
    ['>=22.15.0', false],
    ['^18 || ^20', false],
  ] as const)
    test(`${taken ? 'satisfies' : 'does not satisfy'} ${range} if it is 20`, () => {
      assert.equal(takesFrom(versionOf('20'), range), taken)
    })
})
