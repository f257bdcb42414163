import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, it } from 'node:test'
import type { Message } from 'rhea'
import { systemClock } from '../../src/lib/clock.ts'
import { type ConnectOptions, connectRouter } from '../../src/router/amqp/connect.ts'
import { RouterRefusal, RouterUnreachable } from '../../src/router/amqp/management.ts'
import { idOf, MisbehavingRouter, type Reply } from '../fakes/misbehaving-router.ts'
import { clock } from '../fakes/virtual-clock.ts'

const TYPE = 'io.skupper.router.tcpListener'
const TIMEOUT_MS = 5000
/** For a test by the system's clock. */
const SHORT_TIMEOUT_MS = 600
const OK = { statusCode: 200, statusDescription: 'OK' }

const sessionWith = async (
  reply: Reply,
  options: Pick<ConnectOptions, 'maySend' | 'clock' | 'timeoutMs'> = {},
  credit?: number,
) => {
  const router = await MisbehavingRouter.start({ reply, ...(credit !== undefined && { credit }) })
  const session = await connectRouter(
    { url: `amqp://127.0.0.1:${router.port}` },
    { timeoutMs: TIMEOUT_MS, clock, ...options },
  )
  return {
    ...session,
    router,
    [Symbol.asyncDispose]: async () => {
      await session.close()
      await router[Symbol.asyncDispose]()
    },
  }
}

const unreachable = (words: RegExp) => (error: unknown) =>
  error instanceof RouterUnreachable && words.test(error.message)

describe('ManagementClient rejects a response that', () => {
  const sends =
    (message: Partial<Message>): Reply =>
    (request, send) =>
      send({ ...idOf(request), ...message })
  const table = (body: unknown): Reply => sends({ application_properties: OK, body })

  for (const [what, reply, words] of [
    ['has no status', sends({ body: {} }), /has no statusCode/],
    [
      'has a status that is not a number',
      sends({ application_properties: { statusCode: 'fine' } }),
      /has no statusCode/,
    ],
    ['has no body', table(null), /no attributeNames and results/],
    ['has a text for a body', table('garbage'), /no attributeNames and results/],
    ['has no names', table({ results: [] }), /no attributeNames and results/],
    ['has names that are numbers', table({ attributeNames: [1], results: [] }), /no attributeNames and results/],
    ['has rows that are not lists', table({ attributeNames: ['name'], results: ['a'] }), /a result of another length/],
    ['has rows that are too short', table({ attributeNames: ['name', 'port'], results: [['a']] }), /of another length/],
  ] as const) {
    it(what, async () => {
      await using session = await sessionWith(reply)
      await assert.rejects(session.management.query(TYPE), unreachable(words))
    })
  }

  it('belongs to no request, and returns the one that does', async () => {
    await using session = await sessionWith((request, send) => {
      send({ correlation_id: 'another', application_properties: OK, body: {} })
      send({ application_properties: OK, body: {} })
      send({ ...idOf(request), application_properties: OK, body: { name: 'mine' } })
    })
    assert.deepEqual(await session.management.create(TYPE, 'mine', {}), { name: 'mine' })
  })
})

describe('ManagementClient', () => {
  it('assigns responses to requests in any order', async () => {
    const requests: { readonly request: Message; readonly send: (message: Partial<Message>) => void }[] = []
    await using session = await sessionWith((request, send) => {
      requests.push({ request, send })
      if (requests.length < 3) return
      for (const each of requests.reverse()) {
        const { name } = each.request.application_properties as { name: string }
        each.send({ ...idOf(each.request), application_properties: OK, body: { name } })
      }
    })
    const names = ['a', 'b', 'c']
    const made = await Promise.all(names.map(name => session.management.create(TYPE, name, {})))
    assert.deepEqual(
      made.map(({ name }) => name),
      names,
    )
  })

  it("rejects with the router's status and message, if it gives one", async () => {
    let status: object = { statusCode: 403, statusDescription: 'not for you' }
    await using session = await sessionWith((request, send) =>
      send({ ...idOf(request), application_properties: status }),
    )
    const refused = (message: string) => (error: unknown) =>
      error instanceof RouterRefusal && error.statusCode === 403 && error.message === message
    await assert.rejects(session.management.delete(TYPE, 'a'), refused('not for you'))
    status = { statusCode: 403 }
    await assert.rejects(session.management.delete(TYPE, 'a'), refused('The router refuses with 403 and no reason'))
  })
})

describe('a router session', () => {
  it('rejects each request that is not answered in time', async () => {
    await using session = await sessionWith(() => undefined)
    const begun = clock.now()
    const queries = Array.from({ length: 20 }, () => session.management.query(TYPE))
    for (const answer of await Promise.allSettled(queries)) {
      assert.equal(answer.status, 'rejected')
      assert.ok(unreachable(/has not responded for 5000 ms/)(answer.reason))
    }
    assert.ok(clock.now() - begun < 3 * TIMEOUT_MS)
  })

  it('rejects a request that is skipped, although later ones are answered', async () => {
    let requests = 0
    const body = { attributeNames: [], results: [] }
    await using session = await sessionWith(
      (request, send) => {
        requests += 1
        if (requests > 1) send({ ...idOf(request), application_properties: OK, body })
      },
      { clock: systemClock, timeoutMs: SHORT_TIMEOUT_MS },
    )
    let isOver = false
    const passedOver = session.management.query(TYPE).finally(() => {
      isOver = true
    })
    passedOver.catch(() => undefined)
    const end = performance.now() + 20 * SHORT_TIMEOUT_MS
    while (!isOver && performance.now() < end) {
      await session.management.query(TYPE)
      await new Promise(setImmediate)
    }
    assert.ok(isOver, `it still waits after ${requests} answers`)
    await assert.rejects(passedOver, unreachable(/has not responded for 600 ms/))
  })

  it('rejects pending and later requests when the router closes the connection', async () => {
    await using session = await sessionWith((_, __, socket) => socket.destroy(new Error('the router dies')))
    await assert.rejects(session.management.query(TYPE), unreachable(/connection was lost/))
    assert.ok(session.signal.aborted)
    await assert.rejects(session.management.query(TYPE), RouterUnreachable)
  })

  it('ends when the router sends garbage', async () => {
    await using session = await sessionWith((_, __, socket) => {
      socket.write(Buffer.from([0, 0, 0, 16, 2, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]))
    })
    await assert.rejects(session.management.query(TYPE), unreachable(/violates the protocol|ended|lost/))
  })

  it('ends when the router announces a frame of gigabytes, without allocating it', async () => {
    await using session = await sessionWith((_, __, socket) => {
      socket.write(Buffer.from([0x7f, 0xff, 0xff, 0xff, 2, 0, 0, 0]))
    })
    const before = process.memoryUsage().rss
    await assert.rejects(session.management.query(TYPE), unreachable(/a frame that is too large/))
    assert.ok(process.memoryUsage().rss - before < 100 << 20)
  })

  it('sends no change without the lease', async () => {
    let mayDrive = true
    const body = { attributeNames: [], results: [], name: 'a' }
    await using session = await sessionWith(
      (request, send) => send({ ...idOf(request), application_properties: OK, body }),
      { maySend: () => mayDrive },
    )
    await session.management.create(TYPE, 'a', {})
    mayDrive = false
    await assert.rejects(session.management.create(TYPE, 'b', {}), unreachable(/may not change the router/))
    await assert.rejects(session.management.delete(TYPE, 'a'), unreachable(/may not change the router/))
    await session.management.query(TYPE)
    assert.deepEqual(session.router.operations, ['CREATE', 'QUERY'])
  })
})

describe('ManagementClient without credit', () => {
  const answer: Reply = (request, say) =>
    say({ ...idOf(request), application_properties: OK, body: { attributeNames: [], results: [], name: 'a' } })

  it('sends as many requests as the router allows, and the others in order when it allows more', async () => {
    await using session = await sessionWith(answer, {}, 2)
    const order: number[] = []
    const requests = [1, 2, 3, 4].map(async number => {
      await session.management.query(TYPE)
      order.push(number)
    })
    await Promise.all(requests.slice(0, 2))
    assert.equal(session.router.operations.length, 2)
    session.router.addCredit(1)
    await requests[2]
    assert.equal(session.router.operations.length, 3)
    session.router.addCredit(5)
    await requests[3]
    assert.deepEqual(order, [1, 2, 3, 4])
  })

  it('does not send a change that has waited until the lease ended', async () => {
    let hasLease = true
    await using session = await sessionWith(answer, { maySend: () => hasLease }, 1)
    const first = session.management.create(TYPE, 'a', {})
    const changes = [
      session.management.create(TYPE, 'b', {}),
      session.management.update(TYPE, 'b', {}),
      session.management.delete(TYPE, 'b'),
    ]
    const outcomes = Promise.allSettled(changes)
    const query = session.management.query(TYPE)
    await first
    hasLease = false
    session.router.addCredit(10)
    for (const outcome of await outcomes)
      assert.ok(outcome.status === 'rejected' && unreachable(/may not change the router/)(outcome.reason))
    await query
    assert.deepEqual(session.router.operations, ['CREATE', 'QUERY'])
  })

  it('rejects what waits for too long, and when the session closes', async () => {
    await using session = await sessionWith(answer, { timeoutMs: SHORT_TIMEOUT_MS }, 0)
    await assert.rejects(session.management.query(TYPE), unreachable(/has not responded for 600 ms/))
    const waiting = assert.rejects(session.management.query(TYPE), unreachable(/session with the router is closed/))
    await session.close()
    await waiting
  })
})

/** Accepts connections, and greets each in its way. */
const listening = async (greet: (socket: Socket) => unknown) => {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket.on('error', () => undefined))
    greet(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `amqp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

describe('connectRouter', () => {
  const greetings: readonly (readonly [string, (socket: Socket) => unknown])[] = [
    ['sends nothing', () => undefined],
    ['responds by HTTP', socket => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['closes immediately', socket => socket.destroy()],
    ['sends zeros', socket => socket.write(Buffer.alloc(1024))],
  ]
  for (const [what, greet] of greetings) {
    it(`rejects in time if the peer ${what}`, async () => {
      await using server = await listening(greet)
      const begun = clock.now()
      await assert.rejects(connectRouter({ url: server.url }, { timeoutMs: TIMEOUT_MS, clock }), RouterUnreachable)
      assert.ok(clock.now() - begun < 4 * TIMEOUT_MS)
    })
  }

  it('reports a refused connection', async () => {
    const server = await listening(() => undefined)
    await server[Symbol.asyncDispose]()
    const refused = unreachable(/Cannot connect to 127\.0\.0\.1:\d+: connect ECONNREFUSED/)
    await assert.rejects(connectRouter({ url: server.url }), refused)
  })

  it('rejects immediately when its signal is aborted', async () => {
    await using server = await listening(() => undefined)
    const stop = new AbortController()
    const connecting = connectRouter({ url: server.url }, { signal: stop.signal })
    stop.abort(new Error('enough'))
    await assert.rejects(connecting, /enough/)
  })
})
