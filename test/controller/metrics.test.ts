import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freePort } from '../contract/router/fixtures.ts'
import { eventually } from '../fakes/virtual-clock.ts'
import { RouterTestbed } from '../support/router-testbed.ts'

test('metrics › count the requests to each router, and show if it answers', async () => {
  await using testbed = await RouterTestbed.start()
  const value = async (name: string, labels = ''): Promise<number> => {
    const text = await (await fetch(`${testbed.url}/metrics`)).text()
    const line = text.split('\n').find(line => line.startsWith(`${name}{namespace="west"${labels}}`))
    return Number(line?.split(' ').at(-1))
  }
  await testbed.createListener('backend', { port: await freePort() })
  await eventually(async () => (await value('hark_router_requests_total', ',operation="CREATE"')) === 1)
  await eventually(async () => (await value('hark_router_rounds_total')) > 0)
  assert.deepEqual(await Promise.all(['hark_router_driven', 'hark_router_connected'].map(name => value(name))), [1, 1])
  assert.ok((await value('hark_router_round_seconds_total')) > 0)
  await testbed.createListener('refused', { port: await freePort(), tlsCredentials: 'missing' })
  await eventually(async () => (await value('hark_router_refusals_total')) > 0)
  await testbed.west.kill()
  await eventually(async () => (await value('hark_router_connected')) === 0)
})
