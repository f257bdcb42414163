import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { generate } from '../../codegen.ts'
import { read } from '../support/tree.ts'

const files = await generate()

describe('generated files', () => {
  for (const [path, text] of files) {
    it(`${path} is up to date`, () => assert.equal(read(path), text, 'run `npm run codegen`'))
  }
})
