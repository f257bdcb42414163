import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { describe, it } from 'node:test'
import { ROOT, read } from '../support/tree.ts'

const filesOf = (group: string): string[] =>
  [...read(group).matchAll(/'(test\/[^']+)'/g)].flatMap(([, glob]) => globSync(glob as string, { cwd: ROOT }))

describe('test/groups', () => {
  it('runs each test file once', () => {
    const grouped = globSync('test/groups/*.ts', { cwd: ROOT }).flatMap(filesOf)
    assert.deepEqual(grouped.toSorted(), globSync('test/**/*.test.ts', { cwd: ROOT }).toSorted())
  })
})
