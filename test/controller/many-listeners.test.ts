import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freePort } from '../contract/router/fixtures.ts'
import { clock, eventually } from '../fakes/virtual-clock.ts'
import { isReady, RouterTestbed, WEST } from '../support/router-testbed.ts'

const COUNT = 2000

const APPLY = 'mutation ($input: ApplyInput!) { apply(input: $input) { results { action } } }'
const COUNT_CONFIGURED = `query ($after: String) {
  listeners(namespace: "west", first: 1000, after: $after) {
    edges { node { status { conditions { type status } } } }
    pageInfo { hasNextPage endCursor }
  }
}`

const configured = async (testbed: RouterTestbed): Promise<number> => {
  let count = 0
  for (let after: string | null = null; ; ) {
    const { listeners } = await testbed.data(COUNT_CONFIGURED, { after })
    for (const { node } of listeners.edges) {
      const { conditions } = node.status as { conditions: { type: string; status: string }[] }
      if (conditions.some(({ type, status }) => type === 'Configured' && status === 'True')) count += 1
    }
    if (!listeners.pageInfo.hasNextPage) return count
    after = listeners.pageInfo.endCursor
  }
}

/** A listener that comes after the bulk is Ready, lost, and Ready again while the router still works on the bulk. */
const singleChangeMeanwhile = async (testbed: RouterTestbed): Promise<void> => {
  const watch = await testbed.watch('single')
  await testbed.createListener('single', { port: await freePort() })
  await testbed.createConnector('single')
  const { at } = await watch.until(isReady)
  await testbed.west.manage('DELETE', 'io.skupper.router.tcpListener', 'listener/single')
  await watch.until(seen => !isReady(seen), { since: at })
  await watch.until(isReady, { since: clock.now() })
  const made = testbed.entityNames(testbed.west, 'tcpListener').length
  assert.ok(made < COUNT, `the router had made ${made} by then`)
}

test('2,000 listeners › are configured once each, and do not delay a single change', async () => {
  await using testbed = await RouterTestbed.start()
  const attributes = { host: '127.0.0.1', port: '5999', address: 'theirs' }
  await testbed.west.manage('CREATE', 'io.skupper.router.tcpListener', 'theirs', attributes)
  const manifests = Array.from({ length: COUNT }, (_, index) => ({
    apiVersion: 'skupper.io/v2alpha1',
    kind: 'Listener',
    metadata: { name: `listener-${index}`, namespace: WEST },
    spec: { routingKey: `key-${index}`, host: `host-${index}`, port: 8080 },
  }))
  await testbed.data(APPLY, { input: { manifests } })
  await singleChangeMeanwhile(testbed)
  await eventually(() => testbed.entityNames(testbed.west, 'tcpListener').length === COUNT + 2, 60_000)
  await eventually(async () => (await configured(testbed)) === COUNT + 1)
  for (let index = 0; index < COUNT; index += 1)
    assert.equal(testbed.west.creationCount(`listener/listener-${index}`), 1)
  assert.ok(testbed.entityNames(testbed.west, 'tcpListener').includes('theirs'))
})
