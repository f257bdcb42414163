import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freePort } from '../contract/router/fixtures.ts'
import { eventually } from '../fakes/virtual-clock.ts'
import { isReady, type LoggedEvent, RouterTestbed, WEST } from '../support/router-testbed.ts'

test('router events › name the command event that caused them, with its correlation id', async () => {
  await using testbed = await RouterTestbed.start()
  const ofListener = async (): Promise<LoggedEvent[]> =>
    (await testbed.events(WEST)).filter(({ data }) => data.name === 'caused')
  const lastOf = async (type: string): Promise<LoggedEvent | undefined> =>
    (await ofListener()).findLast(event => event.type === type)
  const answers = async (type: string, to: string): Promise<void> => {
    const cause = await lastOf(to)
    assert.ok(cause)
    await eventually(async () => (await lastOf(type))?.causationId === cause.id)
    const answer = await lastOf(type)
    assert.equal(answer?.correlationId, cause.correlationId)
    assert.equal(answer?.actor, 'agent')
    assert.equal(cause.causationId, null)
  }

  await testbed.createConnector('caused')
  await testbed.createListener('caused', { port: await freePort() })
  await answers('ListenerOpened', 'ListenerCreated')

  await testbed.data('mutation ($input: UpdatePortInput!) { updatePort(input: $input) { position } }', {
    input: { namespace: WEST, name: 'caused', port: await freePort() },
  })
  await answers('ListenerOpened', 'PortUpdated')

  // An engine that starts later finds the cause in the log.
  await testbed.west.kill()
  await testbed.data('mutation ($input: UpdateHostInput!) { updateHost(input: $input) { position } }', {
    input: { namespace: WEST, name: 'caused', host: 'localhost' },
  })
  await testbed.stopHark()
  await testbed.west.start()
  await testbed.startHark()
  await answers('ListenerOpened', 'HostUpdated')
  await eventually(async () => isReady(await testbed.listener('caused')))

  for (const { type, causationId } of await testbed.events(WEST))
    if (type.startsWith('Router') || type.startsWith('Connector')) assert.equal(causationId, null, type)
})
