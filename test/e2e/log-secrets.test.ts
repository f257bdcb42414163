import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { WebSocket } from 'ws'
import { createLogger } from '../../src/cli/runtime/logger.ts'
import { redact } from '../../src/cli/runtime/redact.ts'
import { runInProcess } from '../cli/hark.ts'
import { CREATE, createInput } from '../support/process/http-hark.ts'
import { ServedHark } from '../support/process/served-hark.ts'
import { scratchFolder } from '../support/scratch-folder.ts'

const MANIFEST = { namespace: 'shop', name: 'Not A Name', spec: { routingKey: 'a', host: 'a', port: 1 } }

interface Line {
  readonly level: number
  readonly msg: string
  readonly requestId?: string
  readonly path?: string
}

const linesOf = (text: string): Line[] =>
  text
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Line)

/** Opens a WebSocket with a connection_init payload; resolves at the response or close. */
const greet = async (url: string, payload: object): Promise<void> => {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql?token=in-the-url`, 'graphql-transport-ws')
  await once(socket, 'open')
  socket.send(JSON.stringify({ type: 'connection_init', payload }))
  await Promise.race([once(socket, 'message'), once(socket, 'close')])
  socket.terminate()
}

it('the log of hark serve › contains request ids and no secrets', async () => {
  await using folder = await scratchFolder()
  const data = ['--data', folder.path]
  const made = await runInProcess(['token', 'create', 'alice', '--role', 'admin', ...data])
  const token = /hark_[\w-]+/.exec(made.stdout)?.[0] as string
  assert.ok(token)
  const router = 'amqp://driver:pass-of-the-router@127.0.0.1:1'
  await using hark = await ServedHark.start([...data, '--log-level', 'trace', '--router', `west=${router}`])
  const bad = [
    'bad-token-of-bob',
    'eyJhbGciOiJub25lIn0.eyJzdWIiOiJib2IifQ.c2lnbmF0dXJl',
    'hark_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  ]
  const ask = (authorization: string, body: object, headers: Record<string, string> = {}, query = '') =>
    fetch(`${hark.url}/graphql${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization, ...headers },
      body: JSON.stringify(body),
    })

  const [done, refused] = [randomUUID(), randomUUID()]
  const bearer = `Bearer ${token}`
  const created = await ask(bearer, { query: CREATE, variables: { input: createInput(1) } }, { 'x-request-id': done })
  assert.equal(created.headers.get('x-request-id'), done)
  await ask(bearer, { query: CREATE, variables: { input: MANIFEST } }, { 'x-request-id': refused })
  await ask(bearer, { query: '{ head }' }, {}, `?access_token=${token}`)
  for (const wrong of bad) {
    assert.equal((await ask(`Bearer ${wrong}`, { query: '{ head }' })).status, 401)
    await ask(wrong, { query: '{ head }' }, {}, `?token=${wrong}`)
    await fetch(`${hark.url}/nowhere/?token=${wrong}`)
    await greet(hark.url, { authorization: `Bearer ${wrong}` })
  }
  await greet(hark.url, { authorization: bearer })

  await hark.stop()
  const { text } = hark.log
  for (const secret of [token, ...bad, 'pass-of-the-router', 'in-the-url']) assert.ok(!text.includes(secret), secret)
  const lines = linesOf(text)
  for (const id of [done, refused])
    assert.ok(lines.some(({ requestId, path }) => requestId === id && path === '/graphql'))

  // Events have the request id, also those of rejected commands.
  const exported = join(folder.path, 'log.jsonl')
  await runInProcess(['export', exported, ...data])
  const events = (await readFile(exported, 'utf8'))
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as { type: string; metadata: { correlationId: string } })
  const idOf = (type: string) => events.find(event => event.type === type)?.metadata.correlationId
  assert.deepEqual([idOf('ListenerCreated'), idOf('CommandRefused')], [done, refused])
})

describe('createLogger', () => {
  const lines: string[] = []
  const logger = createLogger({ logLevel: 'trace', logFormat: 'numbers' }, { write: line => void lines.push(line) })
  const logged = (details: object): string => {
    lines.length = 0
    logger.error(details, 'something failed')
    return lines.join('')
  }

  for (const [logFormat, level, time] of [
    ['numbers', 40, /^\d{13}$/],
    ['words', 'warn', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/],
  ] as const) {
    it(`logs level and time as ${logFormat}`, () => {
      const written: string[] = []
      createLogger({ logLevel: 'info', logFormat }, { write: line => void written.push(line) }).warn({}, 'something')
      const line = JSON.parse(written.join(''))
      assert.equal(line.level, level)
      assert.match(String(line.time), time)
    })
  }

  it('logs errors and their causes without other properties', () => {
    const cause = Object.assign(new Error('esdb://admin:changeit@db:2113 does not answer'), {
      options: { password: 'p' },
    })
    const error = Object.assign(new Error('it failed', { cause }), {
      code: 'E',
      config: { authorization: 'Bearer abc' },
    })
    const line = logged({ error })
    assert.doesNotMatch(line, /changeit|"p"|abc|admin/)
    const { error: entry } = JSON.parse(line) as {
      error: { message: string; code: string; cause: { message: string } }
    }
    assert.deepEqual([entry.message, entry.code], ['it failed', 'E'])
    assert.equal(entry.cause.message, 'esdb://[hidden]@db:2113 does not answer')
  })

  for (const [what, text, kept] of [
    ['the password of a URL', 'amqps://user:pass@router:5671/x', 'amqps://[hidden]@router:5671/x'],
    [
      'a password with an @',
      'amqps://user:p@ss@router:5671, esdb://u:@@db',
      'amqps://[hidden]@router:5671, esdb://[hidden]@db',
    ],
    ['a bearer', 'authorization: Bearer abc.def', 'authorization: Bearer [hidden]'],
    ['a token of its own', 'hark_0123456789abcdefXYZ-_ came', '[hidden] came'],
    ['a JSON Web Token', 'it was eyJhbGciOiJub25lIn0.eyJzdWIi.c2ln here', 'it was [hidden] here'],
    [
      'nothing of what is none',
      'http://127.0.0.1:4000/graphql hark_position',
      'http://127.0.0.1:4000/graphql hark_position',
    ],
  ] as const) {
    it(`hides ${what}`, () => {
      assert.equal(redact(text), kept)
    })
  }
})

it('hark serve › reports an invalid connection string without its password', async () => {
  await using folder = await scratchFolder()
  for (const store of ['esdb://admin:changeit@db:x', 'esdb://admin:changeit@db?tls=maybe', 'pg://admin:changeit@db']) {
    const { status, stderr } = await runInProcess(['serve', '--port', '0', '--data', folder.path, '--store', store])
    assert.equal(status, 2)
    assert.doesNotMatch(stderr, /changeit/)
  }
})
