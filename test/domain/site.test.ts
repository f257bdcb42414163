import { describe, it } from 'node:test'
import type { SiteSpec } from '../../schemas/resources/site.ts'
import { site } from '../../src/domain/site.ts'
import { scenario } from '../support/domain/decider-spec.ts'
import { siteCreated, siteUpdated } from '../support/domain/event-builders.ts'

const given = scenario(site)

const apply = (spec: SiteSpec = {}, name = 'west-site') =>
  ({ type: 'ApplySite', namespace: 'west', name, newUid: 'site-2', spec }) as const

describe('a site manifest', () => {
  it('creates the site of its namespace', () => {
    given()
      .when(apply({ linkAccess: 'default' }))
      .then(siteCreated({ linkAccess: 'default' }, { uid: 'site-2' }))
  })

  it('is no event where nothing differs', () => {
    given(siteCreated({ edge: true, settings: { a: '1', b: '2' } }))
      .when(apply({ settings: { b: '2', a: '1' }, edge: true }))
      .then()
  })

  it('changes any property, as one change of spec', () => {
    given(siteCreated({ ha: true }))
      .when(apply({ edge: true, linkAccess: 'none' }))
      .then(siteUpdated(2, { ha: true }, { edge: true, linkAccess: 'none' }))
  })

  it('is followed by the next generation, and the site keeps its uid', () => {
    given(siteCreated(), siteUpdated(2, {}, { ha: true }))
      .when(apply())
      .then(siteUpdated(3, { ha: true }, {}))
  })

  it('is refused where the namespace has a site of another name', () => {
    given(siteCreated())
      .when(apply({}, 'other'))
      .thenRefused('ALREADY_EXISTS', 'namespace west has a site already, west-site: there is one in each namespace')
  })
})
