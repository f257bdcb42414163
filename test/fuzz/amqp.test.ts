import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import rhea, { type Message } from 'rhea'
import { EVENTS } from '../../schemas/events/events.ts'
import { LOG_PREFIXES } from '../../schemas/events/streams.ts'
import { WatchedRouters } from '../../src/engine/history/watched-routers.ts'
import { decodeEvent } from '../../src/engine/read-models/decode-event.ts'
import { anyCharacter } from '../support/any-character.ts'
import fc from '../support/fast-check.ts'
import '../../src/router/amqp/rhea-hardening.ts'
import { seenOf } from '../../src/controller/reports/network-reports.ts'
import { startControllers } from '../../src/controller/start.ts'
import { connectRouter } from '../../src/router/amqp/connect.ts'
import { RouterRefusal, RouterUnreachable } from '../../src/router/amqp/management.ts'
import { readEntities, readEntity, readStatus } from '../../src/router/amqp/management-response.ts'
import { VanflowNetwork } from '../../src/router/vanflow/network.ts'
import { ATTRIBUTE, RECORD_TYPES } from '../../src/router/vanflow/record.ts'
import { idOf, MisbehavingRouter } from '../fakes/misbehaving-router.ts'
import { silentLogger } from '../fakes/silent-logger.ts'
import { createConnector, createListener } from '../support/commands.ts'
import { eventually } from '../support/eventually.ts'
import { TestEngine } from '../support/test-engine.ts'
import { fuzz } from './fuzz.ts'
import { anyValue, mutated } from './mutations.ts'

const RUNS = { answers: 400, records: 400, bytes: 400, asked: 50 }
const LISTENER = 'io.skupper.router.tcpListener'

const QUERIED = {
  application_properties: { statusCode: 200, statusDescription: 'OK' },
  body: { attributeNames: ['name', 'port'], results: [['listener/a', '8080']] },
}
const REFUSED = { application_properties: { statusCode: 403, statusDescription: 'no' }, body: null }
const message = mutated(fc.constantFrom<unknown>(QUERIED, REFUSED)).map(value =>
  typeof value === 'object' && value !== null ? (value as Message) : ({ body: value } as Message),
)

const isAnswer = (error: unknown): boolean => error instanceof RouterRefusal || error instanceof RouterUnreachable

const RECORD = {
  [ATTRIBUTE.type]: RECORD_TYPES.connector,
  [ATTRIBUTE.identity]: 'router:7',
  [ATTRIBUTE.address]: 'backend',
  [ATTRIBUTE.destHost]: '10.0.0.7',
  [ATTRIBUTE.destPort]: '8080',
  [ATTRIBUTE.name]: 'connector/backend',
}
const anyText = fc.oneof(
  fc.string({ unit: anyCharacter }),
  fc.uint8Array({ maxLength: 400 }).map(bytes => Buffer.from(bytes)),
  fc.double(),
)
const record = fc.oneof(
  mutated(
    fc.constantFrom<unknown>(
      RECORD,
      { ...RECORD, [ATTRIBUTE.type]: RECORD_TYPES.listener },
      { ...RECORD, [ATTRIBUTE.type]: RECORD_TYPES.site },
    ),
  ),
  fc.dictionary(fc.constantFrom(...Object.values(ATTRIBUTE).map(String)), anyText),
  anyValue,
)

describe('responses of a router', () => {
  it('are parsed, rejected by the router, or reported as invalid', async () => {
    await fuzz(message, RUNS.answers, answer => {
      for (const read of [readStatus, readEntity, readEntities]) {
        try {
          read(answer)
        } catch (error) {
          assert.ok(isAnswer(error), String((error as Error).stack))
        }
      }
    })
  })

  it('make valid events of network records, or none', async () => {
    await fuzz(fc.array(fc.array(record, { maxLength: 6 }), { maxLength: 4 }), RUNS.records, batches => {
      const network = new VanflowNetwork(0)
      const source = network.addSource('router:0', 0, () => undefined)
      for (const [index, records] of batches.entries()) {
        source.applyRecords(index, records)
        source.heartbeat(2000 * index)
        network.tick(4000 * index)
      }
      assert.ok([...network.routers()].length <= 24)
      for (const endpoint of network.endpoints()) {
        const { identity, kind } = endpoint
        assert.deepEqual(network.endpoint(identity)?.identity ?? identity, identity)
        const data = {
          namespace: 'west',
          identity,
          ...(kind === 'connector' ? seenOf(endpoint) : { routingKey: endpoint.routingKey }),
        }
        EVENTS[kind === 'connector' ? 'ConnectorSeen' : 'ListenerSeen'].data.parse(data)
        assert.ok(JSON.stringify(data).length < 12_000)
      }
    })
  })

  it('are decoded or rejected within bounded time and memory', async () => {
    const { Reader } = rhea.types as unknown as { Reader: new (buffer: Buffer) => { read(): unknown } }
    const { decode, encode } = rhea.message as unknown as {
      decode(bytes: Buffer): Message
      encode(message: unknown): Buffer
    }
    const sound = Buffer.from(encode({ correlation_id: 'a', ...QUERIED }))
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map(array => Buffer.from(array)),
      fc.array(fc.tuple(fc.nat({ max: sound.length - 1 }), fc.nat({ max: 255 })), { maxLength: 4 }).map(changes => {
        const changed = Buffer.from(sound)
        for (const [at, value] of changes) changed[at] = value
        return changed
      }),
    )
    await fuzz(bytes, RUNS.bytes, buffer => {
      for (const read of [() => new Reader(buffer).read(), () => decode(buffer)]) {
        try {
          read()
        } catch (error) {
          assert.ok(error instanceof Error)
        }
      }
    })
  })

  it('fail the request they answer, and no later one', async () => {
    let answer: Partial<Message> = {}
    await using router = await MisbehavingRouter.start({
      reply: (request, send) => send({ ...answer, ...idOf(request) }),
    })
    const connect = () => connectRouter({ url: `amqp://127.0.0.1:${router.port}` }, { timeoutMs: 2000 })
    let session = await connect()
    // A message that cannot be sent is no response of a router.
    const sendable = message.filter(({ application_properties, body }) => {
      try {
        ;(rhea.message as unknown as { encode(message: unknown): Buffer }).encode({ application_properties, body })
        return typeof application_properties === 'object'
      } catch {
        return false
      }
    })
    await fuzz(sendable, RUNS.asked, async ({ application_properties, body }) => {
      answer = { application_properties: application_properties as Record<string, unknown>, body }
      await session.management.query(LISTENER).catch(error => assert.ok(isAnswer(error), String(error.stack)))
      if (!session.signal.aborted) return
      await session.close()
      session = await connect()
    })
    answer = QUERIED
    assert.deepEqual(await session.management.query(LISTENER), [{ name: 'listener/a', port: '8080' }])
    await session.close()
  })
})

describe('a router with invalid responses', () => {
  it('makes nothing accepted, opened or seen', async () => {
    const nonsense = fc.sample(message, 400)
    let at = 0
    await using router = await MisbehavingRouter.start({
      reply: (request, send) => {
        const { application_properties, body } = nonsense[at++ % nonsense.length] as Message
        try {
          send({ ...(application_properties && { application_properties }), body, ...idOf(request) })
        } catch {
          send({ body: 'nonsense', ...idOf(request) })
        }
      },
    })
    await using test = await TestEngine.start()
    await test.run(createListener('a'))
    await test.run(createConnector('a'))
    const url = `amqp://127.0.0.1:${router.port}`
    const driven = await startControllers({
      engine: test.engine,
      store: test.store,
      watched: new WatchedRouters(undefined),
      routers: [{ namespace: 'west', url }],
      logger: silentLogger,
      graceMs: 100,
    })
    await eventually(() => router.operations.length > 3)
    await driven.close()
    const types = []
    for await (const event of test.store.readAll({ prefixes: LOG_PREFIXES })) {
      assert.ok(decodeEvent(event))
      if (event.stream.startsWith('router-')) types.push(event.type)
    }
    const claims = types.filter(type => /Opened$|Seen$|Gone$/.test(type))
    assert.deepEqual(claims, [])
  })
})
