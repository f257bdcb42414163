import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { it } from 'node:test'
import { AREAS } from './areas.ts'

for (const { name, code, tests } of AREAS) {
  it(`mutation areas › ${name} matches existing files`, () => {
    const missing = [...code, ...tests].filter(glob => globSync(glob).length === 0)
    assert.deepEqual(missing, [])
  })
}
