import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { overEvents } from '../../support/subscription-client.ts'
import { TestServer } from '../../support/test-server.ts'

const SITE = { namespace: 'west', name: 'west' }
const SITES = 'query ($at: Moment) { sites(namespace: "west", at: $at) { metadata { name generation uid } spec } }'
const APPLY = 'mutation ($input: ApplyInput!) { apply(input: $input) { results { action position } } }'
const UPDATE =
  'mutation ($input: UpdateSiteInput!) { updateSite(input: $input) { position site { metadata { generation } spec } } }'
const RENAME =
  'mutation ($input: RenameSiteInput!) { renameSite(input: $input) { site { metadata { name generation uid labels } } } }'
const NAMED = `query ($name: String!, $resource: String!) {
  events(namespace: "north", name: $name) { edges { node { type } } }
  auditReport(resource: $resource) { entries { edges { node { words changes { field before after } } } } }
}`
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

  it('is renamed with its uid and history, and has its old name in the past', async () => {
    const north = { namespace: 'north', name: 'north' }
    const site =
      'query ($at: Moment) { sites(namespace: "north", at: $at) { id metadata { name generation uid labels } } }'
    const document = { ...manifest('north'), metadata: { ...north, labels: { tier: 'edge' } } }
    const created = (await hark.data(APPLY, { input: { manifests: [document] } })).apply.results[0]
    const [before] = (await hark.data(site)).sites
    const live = await overEvents(
      hark.url,
      'subscription { sites(namespace: "north") { eventType site { metadata { name } } } }',
      {},
    )
    await live.next()

    const input = { ...north, newName: 'far-north', commandId: 'rename' }
    const { renameSite } = await hark.data(RENAME, { input })
    const named = { ...before.metadata, name: 'far-north' }
    assert.deepEqual(renameSite.site, { metadata: named })
    assert.deepEqual((await hark.data(RENAME, { input })).renameSite, renameSite)
    assert.deepEqual((await hark.data(site)).sites, [{ ...before, metadata: named }])
    assert.deepEqual((await live.next())?.data, {
      sites: { eventType: 'SiteRenamed', site: { metadata: { name: 'far-north' } } },
    })
    const then = (await hark.data(site, { at: { position: created.position } })).sites
    assert.equal(then[0].metadata.name, 'north')

    const refusal = await hark.error(UPDATE, { input: { ...north, spec: {} } })
    assert.equal(refusal.message, 'Site north not found in namespace north')
    const updated = await hark.data(UPDATE, { input: { ...north, name: 'far-north', spec: {} } })
    assert.equal(updated.updateSite.site.metadata.generation, 2)
    assert.equal((await hark.error(APPLY, { input: { manifests: [document] } })).extensions.code, 'ALREADY_EXISTS')

    for (const name of ['north', 'far-north']) {
      const { events, auditReport } = await hark.data(NAMED, { name, resource: `site/${name}` })
      assert.ok(events.edges.some(({ node }: { node: { type: string } }) => node.type === 'SiteRenamed'))
      const entry = auditReport.entries.edges.find(({ node }: { node: { words: string } }) => node.words === 'renamed')
      assert.deepEqual(entry?.node.changes, [{ field: 'metadata.name', before: 'north', after: 'far-north' }])
    }
  })

  it('is not renamed at another version, to an invalid name, or if it does not exist', async () => {
    const input = { namespace: 'north', name: 'far-north', newName: 'north' }
    const stale = await hark.error(RENAME, { input: { ...input, expectedResourceVersion: '1' } })
    assert.equal(stale.extensions.code, 'CONFLICT')
    const wrong = await hark.error(RENAME, { input: { ...input, newName: 'North' } })
    assert.deepEqual(
      wrong.extensions.fields?.map(({ path }) => path),
      ['newName'],
    )
    const missing = await hark.error(RENAME, { input: { ...input, namespace: 'nowhere' } })
    assert.match(
      missing.message,
      /^Site far-north not found in namespace nowhere, which has no declared site: create one/,
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
