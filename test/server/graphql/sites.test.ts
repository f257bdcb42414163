import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { overEvents } from '../../support/subscription-client.ts'
import { TestServer } from '../../support/test-server.ts'

const SITE = { namespace: 'west', name: 'west' }
const SITES = 'query ($at: Moment) { sites(namespace: "west", at: $at) { metadata { name generation uid } spec } }'
const APPLY = 'mutation ($input: ApplyInput!) { apply(input: $input) { results { action position } } }'
const UPDATE =
  'mutation ($input: UpdateSiteInput!) { updateSite(input: $input) { position site { metadata { generation } spec } } }'
const DELETE = 'mutation ($input: DeleteInput!) { deleteSite(input: $input) { uid position } }'
const LISTENER = 'mutation ($input: CreateListenerInput!) { createListener(input: $input) { position } }'
const DELETE_LISTENER = 'mutation ($input: DeleteInput!) { deleteListener(input: $input) { position } }'

const manifest = (name: string) => ({
  apiVersion: 'skupper.io/v2alpha1',
  kind: 'Site',
  metadata: { namespace: 'west', name },
  spec: { linkAccess: 'default' },
})

const hark = await TestServer.start()
after(() => hark[Symbol.asyncDispose]())

const apply = async (name: string) =>
  (await hark.data(APPLY, { input: { manifests: [manifest(name)] } })).apply.results[0]

describe('a site', () => {
  it('is updated, kept while it has resources, deleted, and created again, in the past too', async () => {
    const created = await apply('west')
    const live = await overEvents(hark.url, 'subscription { sites(namespace: "west") { eventType site { spec } } }', {})
    await live.next()

    const { updateSite } = await hark.data(UPDATE, { input: { ...SITE, spec: { ha: true } } })
    assert.deepEqual(updateSite.site, { metadata: { generation: 2 }, spec: { ha: true } })

    const listener = { ...SITE, name: 'a', spec: { routingKey: 'a', host: 'a', port: 1 } }
    await hark.data(LISTENER, { input: listener })
    const refusal = await hark.error(DELETE, { input: SITE })
    assert.equal(refusal.extensions.code, 'CONFLICT')
    assert.equal(refusal.message, 'Site west is in use: delete listeners (1) of namespace west first')
    const missing = await hark.error(DELETE, { input: { ...SITE, name: 'other' } })
    assert.equal(missing.message, 'Site other not found in namespace west')
    await hark.data(DELETE_LISTENER, { input: { ...SITE, name: 'a' } })

    const { deleteSite } = await hark.data(DELETE, { input: { ...SITE, commandId: 'once' } })
    assert.deepEqual((await hark.data(DELETE, { input: { ...SITE, commandId: 'once' } })).deleteSite, deleteSite)
    assert.deepEqual((await hark.data(SITES)).sites, [])
    const then = (await hark.data(SITES, { at: { position: created.position } })).sites
    assert.deepEqual(then, [
      { metadata: { name: 'west', generation: 1, uid: deleteSite.uid }, spec: { linkAccess: 'default' } },
    ])

    assert.equal((await apply('other')).action, 'Created')
    const [now] = (await hark.data(SITES)).sites
    assert.equal(now.metadata.name, 'other')
    assert.notEqual(now.metadata.uid, deleteSite.uid)

    const seen: unknown[] = []
    while (seen.length < 3) {
      const { data } = (await live.next()) as { data: { sites: { eventType: string; site: object | null } } }
      seen.push([data.sites.eventType, data.sites.site])
    }
    assert.deepEqual(seen, [
      ['SiteUpdated', { spec: { ha: true } }],
      ['SiteDeleted', null],
      ['SiteCreated', { spec: { linkAccess: 'default' } }],
    ])
    const { auditReport } = await hark.data(
      'query { auditReport(resource: "site/west") { entries { edges { node { words result } } } } }',
    )
    assert.deepEqual(
      auditReport.entries.edges.map(({ node }: { node: { words: string } }) => node.words),
      ['created', 'changed', 'refused: delete site', 'deleted'],
    )
  })

  it('is rejected with a path if its spec is wrong', async () => {
    const { extensions } = await hark.error(UPDATE, { input: { ...SITE, name: 'other', spec: { ha: 'x' } } })
    assert.deepEqual(
      extensions.fields?.map(({ path }) => path),
      ['spec.ha'],
    )
  })
})
