import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { MUTATION_COMMANDS, mutationName } from '../../schemas/commands.ts'
import { DEFAULT_LIMITS } from '../../src/config/limits.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { bearer, credentials } from '../support/credentials.ts'
import { eventually } from '../support/eventually.ts'
import { APPLY, BACKEND, SITE, UPDATE_PORT } from '../support/operations.ts'
import { TestServer } from '../support/test-server.ts'

const EXECUTE =
  'mutation ($commands: [CommandInput!]!) { executeCommands(input: { commands: $commands }) { results { position error { code message extensions } } } }'

const REQUEST_ID = '6b8a2a0e-64a5-4b5c-a5b4-0d8f6c1b1f11'

const hark = await TestServer.start()
after(() => hark[Symbol.asyncDispose]())

const TRY =
  'mutation ($commands: [CommandInput!]!) { executeCommands(input: { commands: $commands, dryRun: true }) { results { position error { code message extensions } } } }'

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
      results.map(
        ({ error }: { error: { code: string; message: string } | null }) => error && [error.code, error.message],
      ),
      [
        null,
        ['ALREADY_EXISTS', 'host host and port 80 are taken in namespace west, by listener a'],
        null,
        ['BAD_USER_INPUT', 'port: 0 is not a port (1 to 65535)'],
        null,
        ['NOT_FOUND', 'Listener none not found in namespace west'],
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

describe('executeCommands with dryRun', () => {
  it('has the results of each command alone, and executes and records nothing', async () => {
    await using server = await TestServer.start()
    await server.data(EXECUTE, { commands: [create('a', 80), create('b', 81)] })
    await server.data(APPLY, { input: { manifests: [{ ...SITE, metadata: { namespace: 'west', name: 'site' } }] } })
    const own = { namespace: 'west', name: 'a' }
    const commands = [
      create('taken', 80),
      create('c', 82),
      create('d', 82),
      { updatePort: { ...own, port: 81 } },
      { updatePort: { ...own, port: 80 } },
      { updatePort: { ...own, port: 0 } },
      { updatePort: { ...own, port: 90, expectedResourceVersion: '0000000000000000' } },
      { updateListenerMetadata: { ...own, labels: { tier: 'web' } } },
      { deleteListener: { namespace: 'west', name: 'none' } },
      { deleteSite: { namespace: 'west', name: 'site' } },
    ]
    const before = await server.eventCount()
    const { results } = (await server.data(TRY, { commands })).executeCommands
    const { auditReport } = await server.data('{ auditReport { entries { edges { node { action } } } } }')
    assert.equal(await server.eventCount(), before)
    assert.ok(auditReport.entries.edges.every(({ node }: { node: { action: string } }) => node.action !== 'refuse'))
    const alone = []
    for (const [index, command] of commands.entries()) {
      // It would make a later one fail.
      if (index === 2) await server.data(EXECUTE, { commands: [{ deleteListener: { namespace: 'west', name: 'c' } }] })
      const { executeCommands } = await server.data(EXECUTE, { commands: [command] })
      alone.push({ position: null, error: executeCommands.results[0].error })
    }
    const shown = (given: readonly { readonly error: object | null }[]) =>
      given.map(({ error }) => error && 'code' in error && error.code)
    assert.deepEqual(shown(results), [
      'ALREADY_EXISTS',
      null,
      null,
      'ALREADY_EXISTS',
      null,
      'BAD_USER_INPUT',
      'CONFLICT',
      null,
      'NOT_FOUND',
      'CONFLICT',
    ])
    assert.deepEqual(results.slice(0, 9), alone.slice(0, 9))
    assert.equal(alone[9]?.error.code, 'CONFLICT')
  })
})

describe('an error of executeCommands', () => {
  it('has the details of the mutation', async () => {
    await execute(create('detailed', 3000))
    const stale = { namespace: 'west', name: 'detailed', port: 3001, expectedResourceVersion: '0000000000000001' }
    const invalid = { namespace: 'west', name: 'detailed', port: 0 }
    for (const input of [stale, invalid]) {
      const { message, extensions } = await hark.error(UPDATE_PORT, { input })
      const [{ error }] = await execute({ updatePort: input })
      assert.deepEqual(error, { code: extensions.code, message, extensions })
    }
  })

  it('is masked if it is unexpected, and concerns that command alone', async () => {
    const failing = (engine: Engine): Engine => ({
      ...engine,
      execute: async (command, options) => {
        if (command.name === 'broken') throw new Error('secret')
        return engine.execute(command, options)
      },
    })
    await using server = await TestServer.start({ wrapEngine: failing })
    const commands = [create('before', 1), create('broken', 2), create('after', 3)]
    const { text, data } = await server.graphql(EXECUTE, { commands }, { 'x-request-id': REQUEST_ID })
    assert.doesNotMatch(text, /secret/)
    const [before, broken, later] = data.executeCommands.results
    assert.ok(before.position !== null && later.position !== null)
    assert.deepEqual(broken, {
      position: null,
      error: {
        code: 'INTERNAL_SERVER_ERROR',
        message: `Internal error: see the log for request ${REQUEST_ID}`,
        extensions: { code: 'INTERNAL_SERVER_ERROR' },
      },
    })
    assert.equal(server.loggedErrors.length, 1)
  })
})

describe('commands of executeCommands', () => {
  it('are recorded one by one if they are forbidden', async () => {
    const given = await credentials()
    await using server = await TestServer.start({ server: { authenticator: given.authenticator } })
    try {
      const commands = [
        create('own', 1),
        { updatePort: { namespace: 'east', name: 'a', port: 1 } },
        { deleteConnector: { namespace: 'south', name: 'b' } },
      ]
      const token = bearer(given.make('alice', 'operator:west'))
      const { errors } = await server.graphql(EXECUTE, { commands }, token)
      assert.equal(errors?.[0]?.extensions.code, 'FORBIDDEN')
      const query =
        'query ($namespace: String) { auditReport(namespace: $namespace) { entries { edges { node { actor words message resource { kind namespace name } } } } } }'
      const refusals = async (namespace: string) => {
        const { data } = await server.graphql(query, { namespace }, bearer(given.make('root', 'admin')))
        return data.auditReport.entries.edges.map(({ node }: { node: object }) => node)
      }
      assert.deepEqual(await refusals('west'), [])
      assert.deepEqual(await refusals('east'), [
        {
          actor: 'alice',
          words: 'refused: update port',
          message: 'alice may not change namespace east',
          resource: { kind: 'Listener', namespace: 'east', name: 'a' },
        },
      ])
      assert.deepEqual(await refusals('south'), [
        {
          actor: 'alice',
          words: 'refused: delete connector',
          message: 'alice may not change namespace south',
          resource: { kind: 'Connector', namespace: 'south', name: 'b' },
        },
      ])
    } finally {
      given.dispose()
    }
  })

  it('name the namespace that a viewer may not change, as manifests do', async () => {
    const given = await credentials()
    await using server = await TestServer.start({ server: { authenticator: given.authenticator } })
    try {
      const token = bearer(given.make('carol', 'viewer:west'))
      const apply = 'mutation ($input: ApplyInput!) { apply(input: $input) { results { name } } }'
      const input = { namespace: 'west', manifests: [{ kind: 'Listener' }] }
      for (const { errors } of [
        await server.graphql(EXECUTE, { commands: [create('one', 1)] }, token),
        await server.graphql(apply, { input }, token),
      ])
        assert.deepEqual(
          errors?.map(({ message }) => message),
          ['carol may not change namespace west'],
        )
      const { errors } = await server.graphql(apply, { input: { ...input, namespace: undefined } }, token)
      assert.deepEqual(
        errors?.map(({ message }) => message),
        ['carol may not change any namespace'],
      )
    } finally {
      given.dispose()
    }
  })

  it('count towards the rate of commands, a quarter each, as manifests do, while the client can read', async () => {
    const limits = { ...DEFAULT_LIMITS, requestsPerSecond: 5 }
    await using server = await TestServer.start({ server: { limits } })
    const commands = Array.from({ length: 400 }, (_, index) => create(`l${index}`, index + 1))
    await server.data(EXECUTE, { commands })
    const { extensions } = await server.error(EXECUTE, { commands: [create('late', 999)] })
    const { code, limit, retryAfterSeconds } = extensions as typeof extensions & Record<string, unknown>
    assert.deepEqual([code, limit], ['UNAVAILABLE', 'requestsPerSecond'])
    // A burst of 10, less 100, at 5 a second.
    assert.ok(Number(retryAfterSeconds) > 10 && Number(retryAfterSeconds) <= 19, String(retryAfterSeconds))
    const { listener } = await server.data('{ listener(namespace: "west", name: "late") { kind } }')
    assert.equal(listener, null)
    const manifests = [{ ...BACKEND, metadata: { namespace: 'west', name: 'late' } }]
    assert.equal((await server.error(APPLY, { input: { manifests } })).extensions.code, 'UNAVAILABLE')
  })

  it('of one client are executed 100 at once, in however many requests, and leave room for others', async () => {
    const held: (() => void)[] = []
    const names = new Set<string>()
    const holding = (engine: Engine): Engine => ({
      ...engine,
      execute: async (command, options) => {
        if (!command.name.startsWith('other')) {
          names.add(command.name)
          await new Promise<void>(resolve => held.push(resolve))
        }
        return engine.execute(command, options)
      },
    })
    await using server = await TestServer.start({ wrapEngine: holding, server: { trustedProxies: ['127.0.0.1'] } })
    const requests = [0, 1, 2].map(request =>
      server.graphql(EXECUTE, {
        commands: Array.from({ length: 90 }, (_, index) => create(`l${request}-${index}`, 1 + 90 * request + index)),
      }),
    )
    await eventually(() => held.length === 100)
    const other = { commands: [create('other', 9999)] }
    const { data } = await server.graphql(EXECUTE, other, { 'x-forwarded-for': '192.0.2.1' })
    assert.notEqual(data.executeCommands.results[0].position, null)
    assert.equal(held.length, 100)
    let most = 0
    while (names.size < 270 || held.length > 0) {
      most = Math.max(most, held.length)
      for (const resolve of held.splice(0)) resolve()
      await new Promise(resolve => setImmediate(resolve))
    }
    assert.equal(most, 100)
    for (const { data } of await Promise.all(requests))
      assert.ok(data.executeCommands.results.every(({ error }: { error: unknown }) => error === null))
  })
})
