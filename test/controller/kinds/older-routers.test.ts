import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { freePort } from '../../contract/router/fixtures.ts'
import { eventually } from '../../fakes/virtual-clock.ts'
import { RouterTestbed, WEST } from '../../support/router-testbed.ts'

const CREATE = `mutation ($input: CreateMultiKeyListenerInput!) { createMultiKeyListener(input: $input) { position } }`
const STATUS = `query ($name: String!) { multiKeyListener(namespace: "west", name: $name) { status { status message } } }`

describe('routers before 3.5', { concurrency: true }, () => {
  let testbed: RouterTestbed
  before(async () => {
    testbed = await RouterTestbed.start({ lacking: ['multiAddressStrategy', 'listenerAddress'] })
  })
  after(() => testbed[Symbol.asyncDispose]())

  it('have Ready listeners, and lose none of them', async () => {
    await testbed.createConnector('kept')
    await testbed.createListener('kept', { port: await freePort() })
    await eventually(async () => (await testbed.listener('kept')).status.status === 'Ready')
    assert.equal(testbed.west.creationCount('listener/kept'), 1)
  })

  it('refuse a MultiKeyListener, and their words are its status', async () => {
    const spec = { host: '127.0.0.1', port: await freePort(), strategy: { priority: { routingKeys: ['a'] } } }
    await testbed.data(CREATE, { input: { namespace: WEST, name: 'several', spec } })
    await eventually(async () => {
      const { status, message } = (await testbed.data(STATUS, { name: 'several' })).multiKeyListener.status
      return status === 'Error' && message.startsWith("Unknown attribute 'multiAddressStrategy'")
    })
  })
})
