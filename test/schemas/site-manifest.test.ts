import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { faultsOf, manifest, specOf } from '../support/read-manifest.ts'

describe('siteSpec', () => {
  for (const [written, spec] of Object.entries({
    'nothing below spec': null,
    'no spec': undefined,
    'an empty spec': {},
  })) {
    it(`accepts ${written}`, () => assert.deepEqual(specOf(manifest('Site', spec)), {}))
  }

  it('keeps every given field', () => {
    const given = {
      linkAccess: 'default',
      defaultIssuer: 'skupper-site-ca',
      edge: true,
      ha: false,
      serviceAccount: 'skupper',
      settings: { a: '1' },
    }
    assert.deepEqual(specOf(manifest('Site', given)), given)
  })

  it('reports all issues', () => {
    assert.deepEqual(faultsOf(manifest('Site', { edge: 'yes', linkAccess: true, routers: 2 })).sort(), [
      'spec.edge: "yes" is a string, not true or false',
      'spec.linkAccess: true is a boolean, not a text',
      'spec.routers: is not a known property',
    ])
  })
})
