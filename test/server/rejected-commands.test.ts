import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { HarkError } from '../../schemas/errors.ts'
import type { RecordedEvent } from '../../schemas/events/recorded-event.ts'
import { listenerStream, REFUSALS_STREAM } from '../../schemas/events/streams.ts'
import { RejectedCommandLog } from '../../src/engine/commands/rejected-command-log.ts'
import { createEngine } from '../../src/engine/create-engine.ts'
import type { EventStore } from '../../src/event-store/event-store.ts'
import { openSqliteEventStore } from '../../src/event-store/sqlite/store.ts'
import { chainedStore } from '../../src/integrity/hash-chain/hash-chained-store.ts'
import { silentLogger } from '../fakes/silent-logger.ts'
import { bearer, credentials } from '../support/credentials.ts'
import { APPLY, BACKEND, CREATE_LISTENER, DELETE_LISTENER, listenerInput, UPDATE_PORT } from '../support/operations.ts'
import { overWebSocket } from '../support/subscription-client.ts'
import { type Answer, TestServer } from '../support/test-server.ts'

const given = await credentials()
const hark = await TestServer.start({
  server: { authenticator: given.authenticator, trustedProxies: ['192.0.2.0/24'] },
})
after(async () => {
  await hark[Symbol.asyncDispose]()
  given.dispose()
})
const ROOT = bearer(given.make('root', 'admin'))
const VIEWER = given.make('alice', 'viewer')

const refusalsIn = async (
  store: Pick<EventStore, 'readStream'>,
): Promise<RecordedEvent<string, Record<string, unknown>>[]> => {
  const events = []
  for await (const event of store.readStream(REFUSALS_STREAM)) events.push(event)
  return events as RecordedEvent<string, Record<string, unknown>>[]
}

/** Returns the rejections recorded meanwhile. */
const writtenDown = async (work: () => Promise<unknown>): Promise<RecordedEvent<string, Record<string, unknown>>[]> => {
  const { length } = await refusalsIn(hark.store)
  await work()
  return (await refusalsIn(hark.store)).slice(length)
}

const ask = (query: string, input: object, headers: Record<string, string> = ROOT): Promise<Answer> =>
  hark.graphql(query, { input }, headers)

await ask(CREATE_LISTENER, listenerInput('there'))

const manifest = (name: string, spec: object) => ({ ...BACKEND, metadata: { name, namespace: 'west' }, spec })
const port = (more: object) => ({ namespace: 'west', name: 'there', port: 8081, ...more })

/** Returns code and details of a rejection. */
const REFUSED: Record<string, [code: string, command: string, query: string, input: Record<string, unknown>]> = {
  'a command without permission': ['FORBIDDEN', 'updatePort', UPDATE_PORT, port({})],
  'an invalid value': ['BAD_USER_INPUT', 'updatePort', UPDATE_PORT, port({ port: 99_999 })],
  'a name that exists': ['ALREADY_EXISTS', 'createListener', CREATE_LISTENER, listenerInput('there')],
  'a missing resource': ['NOT_FOUND', 'deleteListener', DELETE_LISTENER, { namespace: 'west', name: 'nothing' }],
  'a stale resource version': [
    'CONFLICT',
    'updatePort',
    UPDATE_PORT,
    port({ expectedResourceVersion: '0000000000000001' }),
  ],
  'manifests with an issue': [
    'BAD_USER_INPUT',
    'apply',
    APPLY,
    { manifests: [manifest('there', { port: 0 })], dryRun: false, replace: false, mustExist: false },
  ],
  'manifests that claim one endpoint': [
    'ALREADY_EXISTS',
    'apply',
    APPLY,
    {
      manifests: ['a', 'b'].map(name => manifest(name, { routingKey: 'k', host: 'same', port: 1 })),
      dryRun: false,
      replace: false,
      mustExist: false,
    },
  ],
}

describe('recordRejections', () => {
  for (const [what, [code, command, query, input]] of Object.entries(REFUSED))
    test(`records ${what}`, async () => {
      const id = randomUUID()
      const [who, token] = code === 'FORBIDDEN' ? ['alice', bearer(VIEWER)] : ['root', ROOT]
      let answer: Answer | undefined
      const [event, ...more] = await writtenDown(async () => {
        answer = await ask(query, input, { ...token, 'x-request-id': id })
      })
      assert.deepEqual(more, [])
      assert.equal(answer?.errors?.[0]?.extensions.code, code)
      const { namespace, name } = input
      assert.equal(event?.type, 'CommandRefused')
      assert.deepEqual(event.data, {
        command,
        ...(namespace !== undefined && { namespace, name }),
        input,
        code,
        message: answer?.errors?.[0]?.message,
      })
      const { actor, via, clientAddress, correlationId } = event.metadata
      assert.deepEqual(
        { actor, via, clientAddress, correlationId },
        {
          actor: who,
          via: 'graphql',
          clientAddress: '127.0.0.1',
          correlationId: id,
        },
      )
    })

  test('records rejections over the command line and WebSocket', async () => {
    const [cli] = await writtenDown(() =>
      ask(CREATE_LISTENER, listenerInput('there'), { ...ROOT, 'user-agent': 'hark/0.1.0' }),
    )
    assert.equal(cli?.metadata.via, 'cli')
    const [socket] = await writtenDown(async () => {
      const input = listenerInput('there')
      await using live = await overWebSocket(
        hark.url,
        CREATE_LISTENER,
        { input },
        { authorization: ROOT.authorization },
      )
      await live.next()
    })
    assert.deepEqual([socket?.metadata.actor, socket?.metadata.via], ['root', 'graphql'])
  })

  test('records only the size of a large input', async () => {
    const manifests = [manifest('there', { routingKey: 'k', host: 'h', port: 0, settings: { note: 'x'.repeat(9000) } })]
    const bytes = Buffer.byteLength(JSON.stringify({ manifests, dryRun: false, replace: false, mustExist: false }))
    const [event] = await writtenDown(() => ask(APPLY, { manifests }))
    assert.deepEqual(event?.data.input, { omittedBytes: bytes })
    const long = 'é'.repeat(5000)
    const [named] = await writtenDown(() =>
      ask(CREATE_LISTENER, { ...listenerInput('x'), namespace: long, name: long }),
    )
    assert.ok(Buffer.byteLength(JSON.stringify(named?.data)) < 10_000)
  })

  test('records no secrets', async () => {
    await ask(UPDATE_PORT, port({}), bearer(VIEWER))
    const written = JSON.stringify(await refusalsIn(hark.store))
    for (const secret of [VIEWER, ROOT.authorization.slice(7)]) assert.ok(!written.includes(secret))
    assert.doesNotMatch(written, /bearer|authorization/i)
  })

  test('leaves the resource and its history unchanged', async () => {
    const streams = new Set((await refusalsIn(hark.store)).map(({ stream }) => stream))
    assert.deepEqual([...streams], [REFUSALS_STREAM])
    const types = []
    for await (const { type } of hark.store.readStream(listenerStream('west', 'there'))) types.push(type)
    assert.deepEqual(types, ['ListenerCreated'])
  })
})

describe('recordRejections without a rejection', () => {
  const nothing = async (work: () => Promise<unknown>): Promise<void> => assert.deepEqual(await writtenDown(work), [])

  test('records no successful command or query', () =>
    nothing(async () => {
      assert.equal((await ask(UPDATE_PORT, port({ port: 8082 }))).errors, undefined)
      assert.ok((await hark.graphql('{ listeners(first: 0) { totalCount } }', {}, ROOT)).errors)
    }))

  test('records no dry run', () =>
    nothing(async () => {
      const manifests = [manifest('there', { port: 0 })]
      assert.ok((await ask(APPLY, { manifests, dryRun: true })).errors)
      assert.ok((await ask(APPLY, { manifests, dryRun: true }, bearer(VIEWER))).errors)
    }))

  test('records no request without a token', () =>
    nothing(async () => {
      assert.equal((await ask(UPDATE_PORT, port({}), {})).status, 401)
      assert.equal((await ask(UPDATE_PORT, port({}), bearer('guess'))).status, 401)
    }))

  test('records no invalid GraphQL', () =>
    nothing(async () => assert.ok((await ask(UPDATE_PORT, { namespace: 'west', prot: 1 })).errors)))

  test('records nothing while the store is unavailable', async () => {
    const written: unknown[] = []
    const away = async (): Promise<never> => {
      throw new HarkError('UNAVAILABLE', 'the store is away')
    }
    await using alone = await TestServer.start({
      wrapEngine: engine => ({ ...engine, execute: away, refused: async refused => void written.push(refused) }),
    })
    assert.equal((await alone.error(CREATE_LISTENER, { input: listenerInput('a') })).extensions.code, 'UNAVAILABLE')
    assert.deepEqual(written, [])
  })
})

describe('client address', () => {
  const addressesOf = async (trustedProxies: readonly string[] | undefined, forwarded: readonly string[]) => {
    await using served = await TestServer.start({ server: trustedProxies === undefined ? {} : { trustedProxies } })
    for (const address of forwarded)
      await served.graphql(DELETE_LISTENER, { input: { namespace: 'a', name: 'a' } }, { 'x-forwarded-for': address })
    return (await refusalsIn(served.store)).map(({ metadata }) => metadata.clientAddress)
  }

  test('is taken from x-forwarded-for of a trusted proxy', async () => {
    const forwarded = [
      '192.0.2.7',
      '192.0.2.7, 10.1.2.3',
      '6.6.6.6, 192.0.2.7',
      '2001:db8::1',
      '::ffff:192.0.2.7',
      'unknown',
      '<b>, 192.0.2.7',
    ]
    assert.deepEqual(await addressesOf(['127.0.0.1', '10.0.0.0/8'], forwarded), [
      '192.0.2.7',
      '192.0.2.7',
      '192.0.2.7',
      '2001:db8::1',
      '192.0.2.7',
      '127.0.0.1',
      '192.0.2.7',
    ])
  })

  test('ignores x-forwarded-for of others', async () => {
    assert.deepEqual(await addressesOf(undefined, ['192.0.2.7']), ['127.0.0.1'])
    assert.deepEqual(await addressesOf([], ['192.0.2.7']), ['127.0.0.1'])
    assert.deepEqual(await addressesOf(['10.0.0.0/8'], ['192.0.2.7']), ['127.0.0.1'])
  })
})

describe('rejected-command log', () => {
  const caller = { actor: 'alice', via: 'graphql' as const, correlationId: randomUUID() }
  const refused = (name: string) => ({
    command: 'deleteListener',
    input: { namespace: 'west', name },
    error: new HarkError('NOT_FOUND', `Listener ${name} not found in namespace west`),
    caller,
  })
  const folder = mkdtempSync(join(tmpdir(), 'hark-refusals-'))
  after(() => rmSync(folder, { recursive: true }))
  const namesIn = async (store: EventStore) => (await refusalsIn(store)).map(({ data }) => data.name)

  test('continues after a restart, and beside another engine', async () => {
    const open = () => chainedStore(openSqliteEventStore({ file: join(folder, 'restart.db') }))
    const store = open()
    const before = new RejectedCommandLog(store, silentLogger)
    await before.write(refused('a'))
    await before.write(refused('b'))
    await store.close()

    const again = open()
    const logged: object[] = []
    const logger = { ...silentLogger, error: (details: object) => void logged.push(details) }
    const engines = ['one', 'two'].map(name =>
      createEngine({ store: again, readModelFile: join(folder, `${name}.db`), logger }),
    )
    await Promise.all(engines.map(engine => engine.whenReady()))
    const names = Array.from({ length: 60 }, (_, index) => `c${index}`)
    await Promise.all(names.map((name, index) => engines[index % 2]!.refused(refused(name))))
    for (const engine of engines) await engine.close()
    const [first, second, ...others] = await namesIn(again)
    assert.deepEqual([first, second, others.toSorted()], ['a', 'b', names.toSorted()])
    assert.deepEqual(logged, [])
    await again.close()
  })

  test('records concurrent rejections of the largest size', async () => {
    const store = openSqliteEventStore({ file: join(folder, 'large.db') })
    const logged: object[] = []
    const journal = new RejectedCommandLog(store, { ...silentLogger, error: details => void logged.push(details) })
    const long = '\u0001'.repeat(20_000)
    const largest = { ...refused(long), error: new HarkError('BAD_USER_INPUT', long) }
    const kept = { ...largest, input: { namespace: long.slice(0, 600), name: long.slice(0, 600) } }
    await Promise.all(Array.from({ length: 200 }, (_, index) => journal.write(index % 2 === 0 ? largest : kept)))
    assert.equal((await refusalsIn(store)).length, 200)
    assert.deepEqual(logged, [])
    await store.close()
  })

  test('does not delay answers while the store accepts nothing', async () => {
    const logged: object[] = []
    const away = { append: async () => Promise.reject(new Error('away')) } as unknown as EventStore
    const journal = new RejectedCommandLog(away, { ...silentLogger, error: details => void logged.push(details) })
    await Promise.all(Array.from({ length: 1500 }, (_, index) => journal.write(refused(String(index)))))
    assert.equal(logged.length, 1)
    await journal.close()
  })
})
