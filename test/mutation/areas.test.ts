import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { it } from 'node:test'
import { AREAS } from './areas.ts'

for (const { name, code, tests } of AREAS) {
  it(`the area ${name} of mutation testing names files that are there`, () => {
    const missing = [...code, ...tests].filter(glob => globSync(glob).length === 0)
    assert.deepEqual(missing, [])
  })
}
