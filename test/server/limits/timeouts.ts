import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { WebSocket } from 'ws'
import type { Limits } from '../../../src/config/limits.ts'
import { eventually } from '../../support/eventually.ts'
import { APPLY, BACKEND, CREATE_LISTENER, listenerInput } from '../../support/operations.ts'
import type { Answer, TestServer } from '../../support/test-server.ts'
import { type Cases, closed, counted, list, names, openSocket, WATCH, withLimits } from './limited-server.ts'

const HEAD = 'POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'

/** Sends a beginning and nothing more; returns what arrives until the server closes the connection. */
const sendSlowly = async (hark: TestServer, beginning: string): Promise<{ head: string; body: Answer['errors'] }> => {
  const socket = connect(Number(new URL(hark.url).port), '127.0.0.1')
  socket.write(beginning)
  const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n')
  return { head, body: JSON.parse(body).errors }
}

/** Some megabytes. */
const LONG = `{ ${list(90)
  .map(index => `a${index}: routerConfig(namespace: "many") { json }`)
  .join(' ')} }`

/** A server with enough data for a reader to lag behind. */
const withLong = async (limits: Partial<Limits>): Promise<TestServer> => {
  const hark = await withLimits(limits)
  const manifests = list(300).map(index => ({
    ...BACKEND,
    metadata: { namespace: 'many', name: `l${index}` },
    spec: { routingKey: 'k', host: `h${index}`, port: 1 },
  }))
  await hark.data(APPLY, { input: { manifests } })
  return hark
}

/** Tests of the time limits. */
export const TIMEOUT_CASES = {
  answerSeconds: {
    'ends a connection with an unread response': async () => {
      await using hark = await withLong({ answerSeconds: 1 })
      const socket = connect(Number(new URL(hark.url).port), '127.0.0.1')
      socket.pause()
      const body = JSON.stringify({ query: LONG })
      const request = `${HEAD}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
      // One answer fits into what the system keeps for a reader; so many do not.
      for (const _ of list(6)) socket.write(request)
      socket.on('error', () => undefined)
      await counted(hark, 'answerSeconds', 1)
      socket.destroy()
    },
    'closes a WebSocket with an unread message': async () => {
      await using hark = await withLong({ answerSeconds: 1 })
      const socket = await openSocket(hark)
      socket.pause()
      for (const id of list(6))
        socket.send(JSON.stringify({ id: `${id}`, type: 'subscribe', payload: { query: LONG } }))
      await counted(hark, 'answerSeconds', 1)
      socket.on('error', () => undefined)
      socket.resume()
      assert.match((await closed(socket)).reason, /answerSeconds|^$/)
    },
    'ends an event stream of many operations with an unread result': async () => {
      await using hark = await withLong({ answerSeconds: 1 })
      const path = '/graphql/stream'
      const token = await (await fetch(`${hark.url}${path}`, { method: 'PUT' })).text()
      const socket = connect(Number(new URL(hark.url).port), '127.0.0.1')
      socket.pause()
      socket.on('error', () => undefined)
      socket.write(`GET ${path}?token=${token} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n`)
      const start = (operationId: string) =>
        fetch(`${hark.url}${path}?token=${token}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ query: LONG, extensions: { operationId } }),
        })
      await Promise.all(list(6).map(id => start(`${id}`)))
      await counted(hark, 'answerSeconds', 1)
      await eventually(async () => (await start('late')).status === 404)
      socket.destroy()
    },
    'ends an event stream with an unread event': async () => {
      await using hark = await withLong({ answerSeconds: 1 })
      const socket = connect(Number(new URL(hark.url).port), '127.0.0.1')
      socket.pause()
      socket.on('error', () => undefined)
      const texts = list(20).map(index => `a${index}: json`)
      const config = `routerConfig(namespace: "many", from: {position: "0"}) { config { ${texts.join(' ')} } }`
      const body = JSON.stringify({ query: `subscription { ${config} }` })
      socket.write(`${HEAD}Accept: text/event-stream\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
      await counted(hark, 'answerSeconds', 1)
      await eventually(async () => (await hark.openSubscriptions()) === 0)
      socket.destroy()
    },
  },

  idleSeconds: {
    'ends an idle connection': async () => {
      await using hark = await withLimits({ idleSeconds: 1 })
      const socket = connect(Number(new URL(hark.url).port), '127.0.0.1')
      socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')
      assert.match(await text(socket), /keep-alive: timeout=1/i)
      await counted(hark, 'idleSeconds', 1)
    },
    'closes an idle WebSocket': async () => {
      await using hark = await withLimits({ idleSeconds: 1 })
      const [idle, busy] = await Promise.all([openSocket(hark), openSocket(hark)])
      busy.send(JSON.stringify({ type: 'subscribe', id: '1', payload: { query: WATCH } }))
      const { code, reason } = await closed(idle)
      assert.equal(code, 1008)
      assert.match(reason, /idleSeconds/)
      const message = once(busy, 'message')
      await hark.data(CREATE_LISTENER, { input: listenerInput('seen') })
      assert.match(String((await message)[0]), /"position"/)
      busy.terminate()
    },
  },

  headersSeconds: {
    'limits the time for headers': async () => {
      await using hark = await withLimits({ headersSeconds: 1, requestSeconds: 30 })
      const { head, body = [] } = await sendSlowly(hark, HEAD)
      assert.match(head, /^HTTP\/1\.1 408 /)
      assert.match(head, /x-content-type-options: nosniff/)
      names({ errors: body, text: '' }, 'headersSeconds', 'BAD_USER_INPUT')
      await counted(hark, 'headersSeconds', 1)
    },
    'ends a connection without a request': async () => {
      await using hark = await withLimits({ headersSeconds: 1 })
      await sendSlowly(hark, '')
      await counted(hark, 'headersSeconds', 1)
    },
    'closes a WebSocket without connection_init': async () => {
      await using hark = await withLimits({ headersSeconds: 1 })
      const socket = new WebSocket(`${hark.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
      assert.equal((await closed(socket)).code, 4408)
      await counted(hark, 'headersSeconds', 1)
    },
  },

  requestSeconds: {
    'limits the time for a request': async () => {
      await using hark = await withLimits({ headersSeconds: 30, requestSeconds: 1 })
      const { head, body = [] } = await sendSlowly(hark, `${HEAD}Content-Length: 9\r\n\r\n{`)
      assert.match(head, /^HTTP\/1\.1 408 /)
      names({ errors: body, text: '' }, 'requestSeconds', 'BAD_USER_INPUT')
      await counted(hark, 'requestSeconds', 1)
    },
  },
} satisfies Partial<Cases>
