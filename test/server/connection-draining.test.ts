import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { eventually } from '../support/eventually.ts'
import { holdCommands } from '../support/hold-commands.ts'
import { CREATE_LISTENER, listenerInput } from '../support/operations.ts'
import { TestServer } from '../support/test-server.ts'

const openConnection = async ({ url }: TestServer): Promise<Socket> => {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  await once(socket, 'connect')
  return socket
}

const post = (payload: object): string => {
  const body = JSON.stringify(payload)
  const headers = ['Host: localhost', 'Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`]
  return `POST /graphql HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n${body}`
}

/** Sends more as soon as a text has arrived; returns all that arrives until the connection ends. */
const sendAfter = async (socket: Socket, arrival: string, more: string): Promise<string> => {
  let received = ''
  let isSent = false
  for await (const data of socket) {
    received += data
    if (isSent || !received.includes(arrival)) continue
    isSent = true
    socket.write(more)
  }
  return received
}

const LAST_ANSWER = /HTTP\/1\.1 503 (?:.+\r\n)*connection: close\r\n(?:.+\r\n)*\r\n.*"UNAVAILABLE".*$/i

test('close › rejects commands that arrive later on an open connection', async () => {
  const { reached, goOn, wrapEngine } = holdCommands()
  await using hark = await TestServer.start({ wrapEngine })
  const socket = await openConnection(hark)
  const send = (name: string) =>
    socket.write(post({ query: CREATE_LISTENER, variables: { input: listenerInput(name) } }))
  send('before')
  await reached.promise
  const closed = hark.stopServer()
  send('after')
  goOn.resolve()
  const answers = await text(socket)
  await closed
  assert.match(answers, /"name":"before".*HTTP\/1\.1 503 .*"UNAVAILABLE"/s)
  const { rows } = hark.engine.read.resources('Listener', {}, { first: 10 })
  assert.deepEqual(
    rows.map(({ row }) => row.name),
    ['before'],
  )
})

/** Sends two requests at a time, and two more when both are answered, until an answer is the last or the connection ends. */
const pipelining = async (port: number) => {
  const socket = connect(port, '127.0.0.1')
  const observed = {
    sent: 0,
    answered: 0,
    statuses: new Set<string>(),
    isLast: false,
    error: undefined as Error | undefined,
  }
  const one = post({ query: '{ head }' })
  const ask = (): void => {
    observed.sent += 2
    socket.write(one + one)
  }
  let rest = ''
  socket.on('data', data => {
    rest += data
    for (let end = rest.indexOf('\r\n\r\n'); end >= 0; end = rest.indexOf('\r\n\r\n')) {
      const length = Number(/content-length: (\d+)/i.exec(rest)?.[1])
      if (rest.length < end + 4 + length) return
      const answer = rest.slice(0, end + 4 + length)
      rest = rest.slice(answer.length)
      observed.answered += 1
      observed.statuses.add(answer.slice(9, 12))
      if (/^connection: close/im.test(answer)) observed.isLast = true
      if (answer.startsWith('HTTP/1.1 503')) assert.match(answer, /"UNAVAILABLE"/)
    }
    if (observed.isLast) socket.end()
    else if (observed.answered === observed.sent) ask()
  })
  socket.on('error', error => {
    observed.error = error
  })
  await once(socket, 'connect')
  ask()
  return { observed, closed: once(socket, 'close') }
}

test('close › answers every request that was sent before a connection ended', async () => {
  await using hark = await TestServer.start({ server: { idleMs: 250 } })
  const clients = await Promise.all(Array.from({ length: 20 }, () => pipelining(Number(new URL(hark.url).port))))
  const idle = connect(Number(new URL(hark.url).port), '127.0.0.1')
  const idleErrors: Error[] = []
  idle.on('error', error => idleErrors.push(error)).resume()
  await once(idle, 'connect')
  await eventually(() => clients.every(({ observed }) => observed.answered > 10))
  await hark.stopServer()
  await Promise.all(clients.map(({ closed }) => closed))
  for (const { observed } of clients) {
    assert.equal(observed.error, undefined)
    assert.ok(observed.isLast)
    assert.equal(observed.answered, observed.sent)
  }
  assert.deepEqual([...new Set(clients.flatMap(({ observed }) => [...observed.statuses]))].sort(), ['200', '503'])
  assert.deepEqual(idleErrors, [])
})

test('close › rejects a WebSocket that connects meanwhile', async () => {
  await using hark = await TestServer.start({ server: { idleMs: 250 } })
  const late = connect(Number(new URL(hark.url).port), '127.0.0.1')
  await once(late, 'connect')
  await hark.get('/healthz')
  const closing = hark.stopServer()
  await nextTurn()
  await nextTurn()
  const head = ['GET /graphql HTTP/1.1', 'Host: localhost', 'Connection: Upgrade', 'Upgrade: websocket']
  const keys = ['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==']
  late.write(`${[...head, ...keys].join('\r\n')}\r\n\r\n`)
  // The client does not close the connection: the server has to.
  assert.match(await text(late), /^HTTP\/1\.1 503 .*Hark is shutting down$/s)
  await closing
})

test('close › answers the request after a response that was complete before, but sent later', async () => {
  const { reached, goOn, wrapEngine } = holdCommands()
  await using hark = await TestServer.start({ wrapEngine, server: { idleMs: 250 } })
  const socket = await openConnection(hark)
  socket.write(post({ query: CREATE_LISTENER, variables: { input: listenerInput('a') } }) + post({ query: '{ head }' }))
  await reached.promise
  // By then, the second response waits for the first, as clients get them in order.
  await hark.data('{ head }')
  const closed = hark.stopServer()
  goOn.resolve()
  const answers = await sendAfter(socket, '"head"', post({ query: '{ head }' }))
  await closed
  assert.match(answers, /^HTTP\/1\.1 200 .*"name":"a".*HTTP\/1\.1 200 .*"head".*HTTP\/1\.1 503 /s)
  assert.match(answers, LAST_ANSWER)
})

test('close › answers requests that arrive together when the server no longer listens', async () => {
  const { reached, goOn, wrapEngine } = holdCommands()
  await using hark = await TestServer.start({ wrapEngine })
  const socket = await openConnection(hark)
  socket.write(post({ query: CREATE_LISTENER, variables: { input: listenerInput('a') } }))
  await reached.promise
  const closed = hark.stopServer()
  await eventually(() =>
    hark.get('/healthz').then(
      () => false,
      () => true,
    ),
  )
  socket.write(post({ query: '{ head }' }).repeat(2), () => goOn.resolve())
  const answers = await text(socket)
  await closed
  assert.deepEqual(answers.match(/(?<=HTTP\/1\.1 )\d+/g), ['200', '503', '503'])
  assert.equal(answers.match(/^connection: close/gim)?.length, 1)
  assert.match(answers, LAST_ANSWER)
})
