import { describe, it } from 'node:test'
import type { SiteSpec } from '../../schemas/resources/site.ts'
import { site } from '../../src/domain/site.ts'
import { scenario } from '../support/domain/decider-spec.ts'
import { siteCreated, siteDeleted, siteRenamed, siteUpdated } from '../support/domain/event-builders.ts'

const given = scenario(site)

const apply = (spec: SiteSpec = {}, name = 'west-site') =>
  ({ type: 'ApplySite', namespace: 'west', name, newUid: 'site-2', spec }) as const

const update = (spec: SiteSpec, name = 'west-site') =>
  ({ type: 'UpdateSite', namespace: 'west', name, newUid: 'site-2', spec }) as const
const deleteIt = (name = 'west-site') => ({ type: 'DeleteSite', namespace: 'west', name, newUid: 'site-2' }) as const

/** A router may be attached, which makes the namespace a site without a name of its own. */
const UNDECLARED =
  'Site west-site not found in namespace west, which has no declared site: create one with the name that it is to have'

describe('UpdateSite', () => {
  it('emits one SiteUpdated, or nothing for an equal spec', () => {
    given(siteCreated({ ha: true }))
      .when(update({ edge: true }))
      .then(siteUpdated(2, { ha: true }, { edge: true }))
    given(siteCreated({ ha: true }))
      .when(update({ ha: true }))
      .then()
  })

  it('rejects a site that does not exist, has another name, or is deleted', () => {
    given().when(update({})).thenRefused('NOT_FOUND', UNDECLARED)
    given(siteCreated()).when(update({}, 'other')).thenRefused('NOT_FOUND', 'Site other not found in namespace west')
    given(siteCreated(), siteDeleted())
      .when(update({}))
      .thenRefused('NOT_FOUND', /^Site west-site not found/)
  })
})

const rename = (newName: string, name = 'west-site') =>
  ({ type: 'RenameSite', namespace: 'west', name, newName, newUid: 'site-2' }) as const

describe('RenameSite', () => {
  it('emits one SiteRenamed with the uid, or nothing for the same name', () => {
    given(siteCreated()).when(rename('new')).then(siteRenamed('west-site', 'new'))
    given(siteCreated()).when(rename('west-site')).then()
  })

  it('keeps spec and generation, under the new name only', () => {
    const events = [siteCreated(), siteUpdated(2, {}, { ha: true }), siteRenamed('west-site', 'new')]
    given(...events)
      .when(update({}, 'new'))
      .then(siteUpdated(3, { ha: true }, {}, { name: 'new' }))
    given(...events)
      .when(update({}))
      .thenRefused('NOT_FOUND', 'Site west-site not found in namespace west')
    given(...events)
      .when(rename('west-site', 'new'))
      .then(siteRenamed('new', 'west-site'))
  })

  it('rejects a site that does not exist, has another name, or is deleted', () => {
    given().when(rename('new')).thenRefused('NOT_FOUND', UNDECLARED)
    given(siteCreated()).when(rename('new', 'other')).thenRefused('NOT_FOUND', 'Site other not found in namespace west')
    given(siteCreated(), siteDeleted())
      .when(rename('new'))
      .thenRefused('NOT_FOUND', /^Site west-site not found/)
  })
})

describe('DeleteSite', () => {
  it('deletes the site, and lets another be created', () => {
    given(siteCreated()).when(deleteIt()).then(siteDeleted())
    given(siteCreated(), siteDeleted())
      .when(apply({}, 'other'))
      .then(siteCreated({}, { name: 'other', uid: 'site-2' }))
  })

  it('rejects a site of another name', () => {
    given(siteCreated()).when(deleteIt('other')).thenRefused('NOT_FOUND', 'Site other not found in namespace west')
  })
})

describe('ApplySite', () => {
  it('creates the site of its namespace', () => {
    given()
      .when(apply({ linkAccess: 'default' }))
      .then(siteCreated({ linkAccess: 'default' }, { uid: 'site-2' }))
  })

  it('emits nothing for an equal spec', () => {
    given(siteCreated({ edge: true, settings: { a: '1', b: '2' } }))
      .when(apply({ settings: { b: '2', a: '1' }, edge: true }))
      .then()
  })

  it('emits one SiteUpdated for all changed fields', () => {
    given(siteCreated({ ha: true }))
      .when(apply({ edge: true, linkAccess: 'none' }))
      .then(siteUpdated(2, { ha: true }, { edge: true, linkAccess: 'none' }))
  })

  it('increments the generation and keeps the uid', () => {
    given(siteCreated(), siteUpdated(2, {}, { ha: true }))
      .when(apply())
      .then(siteUpdated(3, { ha: true }, {}))
  })

  it('rejects a second site in a namespace', () => {
    given(siteCreated())
      .when(apply({}, 'other'))
      .thenRefused('ALREADY_EXISTS', 'namespace west has a site already, west-site: there is one in each namespace')
  })
})
