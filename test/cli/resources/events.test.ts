import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { TestEngine } from '../engine.ts'

let engine: TestEngine

before(async () => {
  engine = await TestEngine.startInScratchFolder()
})
after(() => engine.close())

describe('events', () => {
  before(async () => {
    await engine.createListener('events', 'a', 80)
    await engine.createConnector('events', 'a', 80)
    await engine.execute('UpdatePort', { namespace: 'events', name: 'a', port: 81 })
  })

  const typesIn = async (command: string): Promise<string[]> =>
    JSON.parse(await engine.done(`${command} -n events -o json`)).map(({ type }: { type: string }) => type)

  it('lists the events of a namespace or of a resource', async () => {
    assert.deepEqual(await typesIn('events'), ['ListenerCreated', 'ConnectorCreated', 'PortUpdated'])
    assert.deepEqual(await typesIn('events --for lnr/a'), ['ListenerCreated', 'PortUpdated'])
  })

  it('and history select types, and print no titles', async () => {
    assert.deepEqual(await typesIn('events --types PortUpdated,ConnectorCreated'), ['ConnectorCreated', 'PortUpdated'])
    assert.deepEqual(await typesIn('history listener a --types PortUpdated'), ['PortUpdated'])
    assert.match(
      await engine.done('history listener a -n events --types PortUpdated --no-headers'),
      /^\S+ +\d+ +listener\/a/,
    )
  })

  for (const [command, fault] of [
    ['events --types PortMoved', /'PortMoved' is no type of event$/],
    [
      'events --for listener/a --types ConnectorCreated',
      /'ConnectorCreated' is no type of event of a listener: use ListenerCreated/,
    ],
    ['events --for listener', /the name of a listener is missing/],
  ] as const) {
    it(`rejects "${command}"`, async () => {
      const { status, stderr } = await engine.hark(`${command} -n events`)
      assert.equal(status, 2)
      assert.match(stderr.trimEnd(), fault)
    })
  }
})
