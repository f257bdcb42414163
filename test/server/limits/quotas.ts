import assert from 'node:assert/strict'
import { createClient } from 'graphql-ws'
import { DEFAULT_LIMITS } from '../../../src/config/limits.ts'
import type { Engine } from '../../../src/engine/engine.ts'
import { bearer, credentials } from '../../support/credentials.ts'
import { eventually } from '../../support/eventually.ts'
import { CREATE_LISTENER, listenerInput } from '../../support/operations.ts'
import { overEvents, overWebSocket, type TestSubscription, TRANSPORTS } from '../../support/subscription-client.ts'
import { type Answer, TestServer } from '../../support/test-server.ts'
import { type Cases, counted, list, names, openSocket, WATCH, withLimits } from './limited-server.ts'

/** Repeats a request until it is rejected. */
const untilRefused = async <T>(ask: (turn: number) => Promise<T | undefined>): Promise<T> => {
  for (let turn = 0; turn < 50; turn++) {
    const refusal = await ask(turn)
    if (refusal === undefined) continue
    assert.ok(turn >= 1, 'the very first was refused')
    return refusal
  }
  return assert.fail('nothing was refused')
}

/** Commands that wait until they may go on. */
const heldCommands = () => {
  const held = Promise.withResolvers<void>()
  let count = 0
  const behind = (engine: Engine): Engine => ({
    ...engine,
    execute: (async (...args: Parameters<Engine['execute']>) => {
      count += 1
      await held.promise
      return engine.execute(...args)
    }) as Engine['execute'],
  })
  return { behind, goOn: held.resolve, begun: () => count }
}

const errorsOf = (live: TestSubscription): Promise<NonNullable<Answer['errors']>> =>
  live.next().then(
    result => result?.errors ?? [],
    (thrown: NonNullable<Answer['errors']>) => thrown,
  )

/** Tests of the limits of many operations together. */
export const QUOTA_CASES = {
  requestsPerSecond: {
    'counts all tokens of one name together': async () => {
      const given = await credentials()
      await using hark = await withLimits({ requestsPerSecond: 1 }, { authenticator: given.authenticator })
      const [one, other, bob] = ['alice', 'alice', 'bob'].map(name => bearer(given.make(name, 'admin')))
      const ask = (headers: Record<string, string>) => hark.graphql('{ head }', {}, headers)
      const refused = await untilRefused(async turn => {
        const answer = await ask(turn % 2 === 0 ? one! : other!)
        return answer.status === 200 ? undefined : answer
      })
      assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '1'])
      names(refused, 'requestsPerSecond', 'UNAVAILABLE')
      assert.equal((await ask(bob!)).status, 200)
      await counted(hark, 'requestsPerSecond', 1, bearer(given.make('carol', 'admin')))
      given.dispose()
    },
    'counts rejected tokens by address': async () => {
      const given = await credentials()
      const options = { authenticator: given.authenticator, trustedProxies: ['127.0.0.1'] }
      await using hark = await withLimits({ requestsPerSecond: 1 }, options)
      const ask = (address: string) => hark.graphql('{ head }', {}, { 'x-forwarded-for': address, ...bearer('guess') })
      const refused = await untilRefused(async () => {
        const answer = await ask('192.0.2.1')
        return answer.status === 401 ? undefined : answer
      })
      assert.equal(refused.status, 429)
      assert.equal((await ask('192.0.2.2')).status, 401)
      given.dispose()
    },
    'counts operations over a WebSocket': async () => {
      await using hark = await withLimits({ requestsPerSecond: 1 })
      const client = createClient({ url: `${hark.url.replace('http', 'ws')}/graphql`, lazy: false, retryAttempts: 0 })
      const refused = await untilRefused(async () => {
        const answers = client.iterate<Answer['data']>({ query: '{ head }' })
        return answers.next().then(
          () => undefined,
          (errors: NonNullable<Answer['errors']>) => errors,
        )
      })
      names({ errors: refused, text: '' }, 'requestsPerSecond', 'UNAVAILABLE')
      await client.dispose()
    },
    'counts operations of a batch': async () => {
      await using hark = await withLimits({ requestsPerSecond: 1, batch: 3 })
      const answers = JSON.parse((await hark.post(JSON.stringify(list(3).map(() => ({ query: '{ head }' }))))).text)
      assert.deepEqual(
        answers.map(({ errors }: Answer) => errors?.[0]?.extensions.code),
        [undefined, undefined, 'UNAVAILABLE'],
      )
    },
    'is off by default without authentication': async () => {
      await using hark = await TestServer.start()
      const statuses = await Promise.all(list(50).map(async () => (await hark.graphql('{ head }')).status))
      assert.deepEqual([...new Set(statuses)], [200])
    },
  },

  subscriptions: {
    'counts subscriptions of all clients and transports': async () => {
      await using hark = await withLimits({ subscriptions: 1 }, { trustedProxies: ['127.0.0.1'] })
      await using first = await overEvents(hark.url, WATCH, {}, { 'x-forwarded-for': '192.0.2.1' })
      await eventually(async () => (await hark.openSubscriptions()) === 1)
      for (const subscribe of Object.values(TRANSPORTS)) {
        await using second = await subscribe(hark.url, WATCH)
        const errors = await second.next().then(
          result => result?.errors,
          (thrown: Answer['errors']) => thrown,
        )
        names({ errors: errors ?? [], text: '' }, 'subscriptions', 'UNAVAILABLE')
      }
      await counted(hark, 'subscriptions', Object.keys(TRANSPORTS).length)
      first.disconnect()
      await eventually(async () => (await hark.openSubscriptions()) === 0)
    },
  },

  clientSubscriptions: {
    'frees a slot when a subscription of the client ends': async () => {
      await using hark = await withLimits({ clientSubscriptions: 1 }, { trustedProxies: ['127.0.0.1'] })
      const subscribe = (address: string) => overEvents(hark.url, WATCH, {}, { 'x-forwarded-for': address })
      await using first = await subscribe('192.0.2.1')
      await eventually(async () => (await hark.openSubscriptions()) === 1)
      await using second = await subscribe('192.0.2.1')
      names({ errors: (await second.next())?.errors ?? [], text: '' }, 'clientSubscriptions', 'UNAVAILABLE')
      await using _ofAnother = await subscribe('192.0.2.2')
      await eventually(async () => (await hark.openSubscriptions()) === 2)
      await counted(hark, 'clientSubscriptions', 1)
      first.disconnect()
      await eventually(async () => (await hark.openSubscriptions()) === 1)
      await using _third = await subscribe('192.0.2.1')
      await eventually(async () => (await hark.openSubscriptions()) === 2)
    },
    'does not count a rejected subscription': async () => {
      await using hark = await withLimits({ clientSubscriptions: 1 })
      for (const subscribe of Object.values(TRANSPORTS)) {
        await using nothing = await subscribe(
          hark.url,
          'subscription { ready(namespace: "a", name: "a") { position } }',
        )
        await nothing.next().catch(() => undefined)
      }
      await using _ = await overEvents(hark.url, WATCH)
      await eventually(async () => (await hark.openSubscriptions()) === 1)
    },
  },

  clientOperations: {
    'frees a slot when an operation of the client is answered': async () => {
      const { behind, goOn, begun } = heldCommands()
      const options = {
        wrapEngine: behind,
        server: { limits: { ...DEFAULT_LIMITS, clientOperations: 2 }, trustedProxies: ['127.0.0.1'] },
      }
      await using hark = await TestServer.start(options)
      const held = [1, 2].map(index => hark.graphql(CREATE_LISTENER, { input: listenerInput(`held-${index}`) }))
      await eventually(() => begun() === 2)
      const refused = await hark.graphql('{ head }')
      assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '1'])
      names(refused, 'clientOperations', 'UNAVAILABLE')
      await using live = await overWebSocket(hark.url, '{ head }')
      names({ errors: await errorsOf(live), text: '' }, 'clientOperations', 'UNAVAILABLE')
      const other = await hark.graphql('{ head }', {}, { 'x-forwarded-for': '192.0.2.1' })
      assert.equal(other.status, 200)
      goOn()
      await Promise.all(held)
      await eventually(async () => (await hark.graphql('{ head }')).status === 200)
      await counted(hark, 'clientOperations', 2)
    },
  },

  connectionOperations: {
    'frees a slot when an operation of the WebSocket is answered': async () => {
      const { behind, goOn, begun } = heldCommands()
      await using hark = await TestServer.start({
        wrapEngine: behind,
        server: { limits: { ...DEFAULT_LIMITS, connectionOperations: 2 } },
      })
      const socket = await openSocket(hark)
      const answers: { readonly id: string; readonly type: string; readonly payload: NonNullable<Answer['errors']> }[] =
        []
      socket.on('message', data => answers.push(JSON.parse(String(data))))
      const ask = (id: string, query: string, variables = {}) =>
        socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query, variables } }))
      for (const id of ['1', '2']) ask(id, CREATE_LISTENER, { input: listenerInput(`held-${id}`) })
      // Operations in progress count even if their client has left.
      socket.send('{"id":"2","type":"complete"}')
      await eventually(() => begun() === 2)
      ask('3', '{ head }')
      await eventually(() => answers.length === 1)
      names({ errors: answers[0]!.payload, text: '' }, 'connectionOperations', 'UNAVAILABLE')
      await counted(hark, 'connectionOperations', 1)
      goOn()
      await eventually(() => answers.some(({ id, type }) => id === '1' && type === 'complete'))
      ask('4', '{ head }')
      await eventually(() => answers.some(({ id, type }) => id === '4' && type === 'complete'))
      assert.ok(!answers.some(({ id }) => id === '2'))
      socket.terminate()
    },
  },
} satisfies Partial<Cases>
