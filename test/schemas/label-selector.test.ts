import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { HarkError } from '../../schemas/errors.ts'
import { labelSelector } from '../../schemas/resources/label-selector.ts'

const LABELS = { app: 'backend', tier: 'web', empty: '', 'example.com/team': 'shop' }

describe('labelSelector', () => {
  for (const text of [
    '',
    ' ',
    'app=backend',
    'app==backend',
    ' app = backend , tier!=db',
    'missing!=x',
    'empty=',
    'app in (api, backend),tier notin (db)',
    'missing notin (x)',
    'example.com/team=shop',
    'app,!missing',
    '! missing',
    'empty in (,x)',
  ])
    it(`matches ${JSON.stringify(text)}`, () => assert.equal(labelSelector(text)(LABELS), true))

  for (const text of [
    'app=api',
    'app!=backend',
    'missing',
    'missing=x',
    '!app',
    'app in (api)',
    'missing in (x)',
    'app notin (backend,api)',
    'app,missing',
    'constructor',
  ])
    it(`does not match ${JSON.stringify(text)}`, () => assert.equal(labelSelector(text)(LABELS), false))

  it('treats a resource without labels as one with none', () => {
    assert.equal(labelSelector('!app')(undefined), true)
    assert.equal(labelSelector('app')(undefined), false)
  })

  for (const text of [
    '=x',
    'app=a b',
    'app in',
    'app in (a',
    'app in a',
    ',',
    'app,',
    'a b',
    'app=-',
    '!',
    'app>1',
    '!app=x',
  ])
    it(`rejects ${JSON.stringify(text)}`, () =>
      assert.throws(
        () => labelSelector(text),
        (error: unknown) => error instanceof HarkError && error.code === 'BAD_USER_INPUT',
      ))
})
