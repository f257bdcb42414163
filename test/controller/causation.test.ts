import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freePort } from '../contract/router/fixtures.ts'
import { eventually } from '../fakes/virtual-clock.ts'
import { isReady, RouterTestbed, type StageEvent, WEST } from '../support/router-testbed.ts'

test('router events › name the command event that caused them, with its correlation id', async () => {
  await using stage = await RouterTestbed.start()
  const ofListener = async (): Promise<StageEvent[]> =>
    (await stage.events(WEST)).filter(({ data }) => data.name === 'asked')
  const lastOf = async (type: string): Promise<StageEvent | undefined> =>
    (await ofListener()).findLast(event => event.type === type)
  const answers = async (type: string, to: string): Promise<void> => {
    const asked = await lastOf(to)
    assert.ok(asked)
    await eventually(async () => (await lastOf(type))?.causationId === asked.id)
    const answer = await lastOf(type)
    assert.equal(answer?.correlationId, asked.correlationId)
    assert.equal(answer?.actor, 'agent')
    assert.equal(asked.causationId, null)
  }

  await stage.createConnector('asked')
  await stage.createListener('asked', { port: await freePort() })
  await answers('ListenerOpened', 'ListenerCreated')

  await stage.data('mutation ($input: UpdatePortInput!) { updatePort(input: $input) { position } }', {
    input: { namespace: WEST, name: 'asked', port: await freePort() },
  })
  await answers('ListenerOpened', 'PortUpdated')

  // An engine that was not there when it was asked finds out all the same.
  await stage.west.kill()
  await stage.data('mutation ($input: UpdateHostInput!) { updateHost(input: $input) { position } }', {
    input: { namespace: WEST, name: 'asked', host: 'localhost' },
  })
  await stage.stopHark()
  await stage.west.start()
  await stage.startHark()
  await answers('ListenerOpened', 'HostUpdated')
  await eventually(async () => isReady(await stage.listener('asked')))

  for (const { type, causationId } of await stage.events(WEST))
    if (type.startsWith('Router') || type.startsWith('Connector')) assert.equal(causationId, null, type)
})
