import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import about from '../../package.json' with { type: 'json' }
import { read } from '../support/tree.ts'

interface Lock {
  readonly packages: Readonly<Record<string, { readonly dev?: true; readonly engines?: { readonly node?: string } }>>
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

const accepts = (alternative: string, version: Version): boolean => {
  const [, operator, bound = ''] = /^\s*(>=|\^|)\s*(\d[\d.x*]*)\s*$/.exec(alternative) ?? []
  if (operator === undefined || !isAtMost(versionOf(bound), version)) return false
  return operator === '>=' || versionOf(bound)[0] === version[0]
}

/** Whether a range accepts a version and the first version of each later release line with long-term support. */
const acceptsFrom = (version: Version, range: string): boolean => {
  const later = [2, 4, 6, 8].map((more): Version => [version[0] + more, 0, 0])
  return [version, ...later].every(each => range.split('||').some(alternative => accepts(alternative, each)))
}

const oldest = versionOf(/Node\.js (\d+(?:\.\d+)*) or newer/.exec(read('README.md'))?.[1] ?? assert.fail('none named'))

describe('the Node.js version in the README', () => {
  test('equals engines.node of the package', () => {
    assert.deepEqual(versionOf(about.engines.node.replace('>=', '')), oldest)
  })

  // npm scripts run development tools on the Node.js that Hark brings.
  test('satisfies every package that Hark needs', () => {
    const { packages } = JSON.parse(read('package-lock.json')) as Lock
    const wanted = Object.entries(packages).flatMap(([path, { dev, engines }]) =>
      dev || engines?.node === undefined ? [] : [{ path, range: engines.node }],
    )
    assert.ok(wanted.length > 50, 'the lock file lists engines')
    assert.deepEqual(
      wanted.filter(({ range }) => !acceptsFrom(oldest, range)),
      [],
    )
  })

  for (const [range, taken] of [
    ['>=20', true],
    ['6.* || 8.* || >= 10.*', true],
    ['>= 10.x', true],
    ['>=20.0.1', false],
    ['>=22.15.0', false],
    ['20 || >=22', true],
    ['^18 || ^20', false],
    ['^20 || ^22.13 || >=24', false],
  ] as const)
    test(`${taken ? 'satisfies' : 'does not satisfy'} ${range} if it is 20`, () => {
      assert.equal(acceptsFrom(versionOf('20'), range), taken)
    })
})
