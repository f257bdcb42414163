import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { freePort } from '../contract/router/fixtures.ts'
import { EAST, RouterTestbed, type ShownListener } from '../support/router-testbed.ts'

const APPLY = 'mutation ($input: ApplyInput!) { apply(input: $input) { results { action } } }'
const RENAME = 'mutation ($input: RenameSiteInput!) { renameSite(input: $input) { position } }'
const ROUTING_KEY = 'renamed'

const sitesOf = ({ matchingConnectors }: ShownListener): Readonly<Record<string, unknown>> =>
  Object.fromEntries(matchingConnectors.map(({ name, site }) => [name, site]))

/** Two sites with one name: that of `east`, and one that Hark does not know. */
describe('a renamed site', () => {
  let testbed: RouterTestbed
  before(async () => {
    testbed = await RouterTestbed.start()
    const foreign = testbed.network.addRouter({ id: 'foreign', site: 'east' })
    await foreign.start()
    testbed.network.link(foreign, testbed.west)
    const site = { apiVersion: 'skupper.io/v2alpha1', kind: 'Site', metadata: { name: 'east', namespace: EAST } }
    await testbed.data(APPLY, { input: { manifests: [site] } })
    const attributes = { host: '10.1.2.3', port: '8081', address: ROUTING_KEY }
    await foreign.manage('CREATE', 'io.skupper.router.tcpConnector', 'foreign', attributes)
    await testbed.createConnector('own', { routingKey: ROUTING_KEY })
  })
  after(() => testbed[Symbol.asyncDispose]())

  const rename = (name: string, newName: string) => testbed.data(RENAME, { input: { namespace: EAST, name, newName } })

  it('has its connectors shown under its new name, and others those of the site that still has the old one', async () => {
    const watch = await testbed.watch('matched')
    await testbed.createListener('matched', { routingKey: ROUTING_KEY, port: await freePort() })
    const { at } = await watch.until(seen => seen.matchingConnectors.length === 2)
    await rename('east', 'far-east')
    const { at: later } = await watch.until(seen => sitesOf(seen).own === 'far-east', { since: at })
    await rename('far-east', 'farther-east')
    const { listener, at: end } = await watch.until(seen => sitesOf(seen).own === 'farther-east', { since: later })
    assert.deepEqual(sitesOf(listener), { own: 'farther-east', foreign: 'east' })
    await rename('farther-east', 'east')
    const { listener: again } = await watch.until(seen => sitesOf(seen).own === 'east', { since: end })
    assert.deepEqual(sitesOf(again), { own: 'east', foreign: 'east' })
  })
})
