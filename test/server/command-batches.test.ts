import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { MUTATION_COMMANDS, mutationName } from '../../schemas/commands.ts'
import { TestServer } from '../support/test-server.ts'

const EXECUTE =
  'mutation ($commands: [CommandInput!]!) { executeCommands(input: { commands: $commands }) { results { position error { code message } } } }'

const hark = await TestServer.start()
after(() => hark[Symbol.asyncDispose]())

const execute = async (...commands: object[]) => (await hark.data(EXECUTE, { commands })).executeCommands.results

const create = (name: string, port: number) => ({
  createListener: { namespace: 'west', name, spec: { routingKey: name, host: 'host', port } },
})

describe('executeCommands', () => {
  it('has a field for each command', async () => {
    const { __type } = await hark.data('{ __type(name: "CommandInput") { inputFields { name } } }')
    const names = __type.inputFields.map(({ name }: { name: string }) => name)
    assert.deepEqual(names.sort(), MUTATION_COMMANDS.map(mutationName).sort())
  })

  it('executes each command on its own, and records each rejection', async () => {
    const label = { updateListenerMetadata: { namespace: 'west', name: 'b', labels: { tier: 'web' } } }
    const results = await execute(
      create('a', 80),
      create('taken', 80),
      create('b', 81),
      { updatePort: { namespace: 'west', name: 'a', port: 0 } },
      label,
      { deleteListener: { namespace: 'west', name: 'none' } },
    )
    assert.deepEqual(
      results.map(({ error }: { error: { code: string; message: string } | null }) => error),
      [
        null,
        { code: 'ALREADY_EXISTS', message: 'host host and port 80 are taken in namespace west, by listener a' },
        null,
        { code: 'BAD_USER_INPUT', message: 'port: 0 is not a port (1 to 65535)' },
        null,
        { code: 'NOT_FOUND', message: 'Listener none not found in namespace west' },
      ],
    )
    const positions = results.flatMap(({ position }: { position: string | null }) => position ?? [])
    assert.equal(positions.length, 3)
    const { listeners, auditReport } = await hark.data(
      '{ listeners(namespace: "west") { edges { node { metadata { name labels } } } } auditReport(action: [refuse]) { entries { edges { node { words resource { kind name } } } } } }',
    )
    assert.deepEqual(
      listeners.edges.map(({ node }: { node: { metadata: object } }) => node.metadata),
      [
        { name: 'a', labels: {} },
        { name: 'b', labels: { tier: 'web' } },
      ],
    )
    const recorded = auditReport.entries.edges.map(
      ({ node }: { node: { words: string; resource: { kind: string; name: string } } }) =>
        `${node.words} ${node.resource.kind} ${node.resource.name}`,
    )
    assert.deepEqual(recorded.sort(), [
      'refused: create listener Listener taken',
      'refused: delete listener Listener none',
      'refused: update port Listener a',
    ])
  })

  it('executes the commands of one resource in order, and each commandId once', async () => {
    const move = (port: number) => ({
      updatePort: { namespace: 'west', name: 'order', port, commandId: `order-${port}` },
    })
    const commands = [create('order', 1000), move(1001), move(1002), move(1003)]
    const results = await execute(...commands)
    assert.deepEqual(
      results.map(({ error }: { error: unknown }) => error),
      [null, null, null, null],
    )
    assert.deepEqual((await execute(...commands)).slice(1), results.slice(1))
    const { listener } = await hark.data('{ listener(namespace: "west", name: "order") { spec { port } } }')
    assert.equal(listener.spec.port, 1003)
  })

  it('has each command in the metrics under its own type and outcome', async () => {
    const move = { updateHost: { namespace: 'west', name: 'measured', host: 'host' } }
    await execute(create('measured', 2000), move, { updateHost: { ...move.updateHost, name: 'none' } })
    const { text } = await hark.get('/metrics')
    assert.match(text, /^hark_commands_total\{type="UpdateHost",outcome="unchanged"\} 1$/m)
    assert.match(text, /^hark_commands_total\{type="UpdateHost",outcome="NOT_FOUND"\} 1$/m)
    assert.match(text, /^hark_command_duration_seconds_count\{type="UpdateHost"\} 2$/m)
  })

  it('rejects no commands, and more than 500', async () => {
    const many = Array.from({ length: 501 }, () => ({ deleteListener: { namespace: 'west', name: 'none' } }))
    for (const commands of [[], many]) {
      const error = await hark.error(EXECUTE, { commands })
      assert.equal(error.message, `commands: must be 1 to 500 commands, are ${commands.length}`)
    }
  })
})
