import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { overEvents } from '../../support/subscription-client.ts'
import { TestServer } from '../../support/test-server.ts'

const META = 'metadata { name generation resourceVersion labels annotations }'
const UPDATE = `mutation ($input: UpdateMetadataInput!) { result: updateListenerMetadata(input: $input) { position listener { ${META} status { message } } } }`
const CREATE = `mutation ($input: CreateListenerInput!) { createListener(input: $input) { position listener { ${META} } } }`
const LIST = `query ($labelSelector: String, $at: Moment) { listeners(namespace: "west", labelSelector: $labelSelector, at: $at) { totalCount edges { node { ${META} } } } }`
const APPLY = 'mutation ($input: ApplyInput!) { apply(input: $input) { results { action } } }'
const WEST = { namespace: 'west', name: 'backend' }
const spec = { routingKey: 'key', host: 'backend', port: 8080 }

const KINDS = {
  Listener: { ...WEST, spec },
  Connector: { ...WEST, spec },
  MultiKeyListener: {
    ...WEST,
    name: 'many',
    spec: { host: 'many', port: 1, strategy: { priority: { routingKeys: ['key'] } } },
  },
  Site: { ...WEST, name: 'west', spec: {} },
}

const hark = await TestServer.start()
after(() => hark[Symbol.asyncDispose]())

const manifest = (kind: keyof typeof KINDS, metadata: object = {}) => {
  const { spec: own, ...about } = KINDS[kind]
  return { apiVersion: 'skupper.io/v2alpha1', kind, metadata: { ...about, ...metadata }, spec: own }
}
const apply = async (input: object) => (await hark.data(APPLY, { input })).apply.results
const namesOf = async (labelSelector: string, at?: object): Promise<string[]> =>
  (await hark.data(LIST, { labelSelector, at })).listeners.edges.map(
    ({ node }: { node: { metadata: { name: string } } }) => node.metadata.name,
  )

describe('labels and annotations', () => {
  it('reach a subscriber, the history, the audit report and the past, without a generation', async () => {
    const { createListener } = await hark.data(CREATE, { input: { ...WEST, spec, labels: { app: 'shop' } } })
    assert.deepEqual(createListener.listener.metadata.labels, { app: 'shop' })
    const live = await overEvents(
      hark.url,
      `subscription { listeners(namespace: "west") { eventType listener { ${META} } } }`,
      {},
    )
    await live.next()
    const { result } = await hark.data(UPDATE, {
      input: { ...WEST, labels: { tier: 'web', app: null }, annotations: { 'example.com/contact': 'on call' } },
    })
    const { metadata, status } = result.listener
    assert.deepEqual(metadata.labels, { tier: 'web' })
    assert.deepEqual(metadata.annotations, { 'example.com/contact': 'on call' })
    assert.equal(metadata.generation, 1)
    assert.equal(status.message, 'No router attached')
    const seen = [await live.next(), await live.next()] as {
      data: { listeners: { eventType: string; listener: { metadata: object } } }
    }[]
    assert.deepEqual(
      seen.map(({ data }) => data.listeners.eventType),
      ['ListenerLabelsUpdated', 'ListenerAnnotationsUpdated'],
    )
    assert.deepEqual(seen[1]?.data.listeners.listener.metadata, metadata)

    const { listener } = await hark.data(
      'query ($namespace: String!, $name: String!) { listener(namespace: $namespace, name: $name) { history { edges { node { type data } } } } }',
      WEST,
    )
    assert.deepEqual(
      listener.history.edges.map(({ node }: { node: { type: string } }) => node.type),
      ['ListenerCreated', 'ListenerLabelsUpdated', 'ListenerLabelsUpdated', 'ListenerAnnotationsUpdated'],
    )
    const { auditReport } = await hark.data(
      'query { auditReport(resource: "listener/backend") { entries { edges { node { words changes { field before after } } } } } }',
    )
    const entries = auditReport.entries.edges.map(({ node }: { node: object }) => node)
    assert.deepEqual(entries.slice(1), [
      { words: 'changed the labels', changes: [{ field: 'metadata.labels.app', before: null, after: 'shop' }] },
      {
        words: 'changed the labels',
        changes: [
          { field: 'metadata.labels.app', before: 'shop', after: null },
          { field: 'metadata.labels.tier', before: null, after: 'web' },
        ],
      },
      {
        words: 'changed the annotations',
        changes: [{ field: 'metadata.annotations.example.com/contact', before: null, after: 'on call' }],
      },
    ])
    const then = { position: createListener.position }
    assert.deepEqual(await namesOf('app=shop', then), ['backend'])
    assert.deepEqual(await namesOf('app=shop'), [])
    assert.deepEqual(await namesOf('tier in (web),!app'), ['backend'])
    const { changes } = await hark.data(
      'query { changes(namespace: "west") { edges { node { event { type } listeners { after { metadata { labels } } } } } } }',
    )
    assert.deepEqual(changes.edges[2].node, {
      event: { type: 'ListenerLabelsUpdated' },
      listeners: [{ after: { metadata: { labels: { tier: 'web' } } } }],
    })
  })

  for (const kind of Object.keys(KINDS) as (keyof typeof KINDS)[])
    it(`of a ${kind} follow its manifest`, async () => {
      const manifests = [manifest(kind, { labels: { part: 'one' }, annotations: { note: 'x' } })]
      const [dry] = await apply({ manifests, dryRun: true })
      const [first] = await apply({ manifests, commandId: `${kind}-1` })
      assert.deepEqual(first, dry)
      assert.deepEqual(await apply({ manifests }), [{ action: 'Unchanged' }])
      assert.deepEqual(await apply({ manifests: [manifest(kind)] }), [{ action: 'Unchanged' }])
      assert.deepEqual(await apply({ manifests: [manifest(kind, { labels: {} })] }), [{ action: 'Configured' }])
      const again = await apply({ manifests, commandId: `${kind}-1` })
      assert.deepEqual(again, [first])
    })

  it('of sites select them too', async () => {
    const SITES = 'query ($labelSelector: String) { sites(labelSelector: $labelSelector) { metadata { name labels } } }'
    const input = { ...WEST, name: 'west', labels: { region: 'eu' } }
    await hark.data('mutation ($input: UpdateMetadataInput!) { updateSiteMetadata(input: $input) { site { id } } }', {
      input,
    })
    const found = await hark.data(SITES, { labelSelector: 'region=eu' })
    assert.deepEqual(found.sites, [{ metadata: { name: 'west', labels: { region: 'eu' } } }])
    assert.deepEqual((await hark.data(SITES, { labelSelector: 'region!=eu' })).sites, [])
  })

  it('are rejected with a path, together with other faults', async () => {
    const manifests = [manifest('Listener', { labels: { 'a b': 'x', app: 'on call' }, annotations: { a: 1 } })]
    const { extensions } = await hark.error(APPLY, { input: { manifests } })
    assert.deepEqual(
      extensions.fields?.map(({ path }) => path),
      ['manifests[0].metadata.labels.app', 'manifests[0].metadata.labels.a b', 'manifests[0].metadata.annotations.a'],
    )
  })

  it('are not overwritten where that is excluded', async () => {
    await hark.data(UPDATE, { input: { ...WEST, labels: { tier: 'web' } } })
    const input = { ...WEST, labels: { tier: 'db' }, overwrite: false }
    const { extensions } = await hark.error(UPDATE, { input })
    assert.equal(extensions.code, 'ALREADY_EXISTS')
  })

  for (const at of [undefined, { time: '2026-01-01T00:00:00Z' }])
    it(`reject a malformed selector ${at === undefined ? 'now' : 'in the past'}`, async () => {
      const { extensions } = await hark.error(LIST, { labelSelector: 'a b', at })
      assert.equal(extensions.code, 'BAD_USER_INPUT')
      assert.deepEqual(
        extensions.fields?.map(({ path }) => path),
        ['labelSelector'],
      )
    })
})
