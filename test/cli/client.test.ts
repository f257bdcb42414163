import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { Client } from '../../src/cli/client/client.ts'
import { ServerError, Unreachable } from '../../src/cli/client/errors.ts'
import { HeadDocument } from '../../src/cli/client/generated.ts'
import { freePort } from '../contract/router/fixtures.ts'
import { runInProcess } from './hark.ts'

/** The next response of the server, and its last request. */
let answer: { status: number; body: string } | undefined
let lastRequest: IncomingMessage
let server: Server
let url: URL

before(async () => {
  server = createServer((request, response) => {
    lastRequest = request
    if (answer !== undefined) response.writeHead(answer.status).end(answer.body)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})

after(() => {
  server.close()
  server.closeAllConnections()
})

const answers = (body: object, status = 200) => {
  answer = { status, body: JSON.stringify(body) }
}

const refusal = async (): Promise<ServerError> => {
  const error = await new Client(url).request(HeadDocument, {}).catch(reason => reason)
  assert.ok(error instanceof ServerError, String(error))
  return error
}

describe('Client', () => {
  it('posts to /graphql below the path of the server, with its token', async () => {
    answers({ data: { head: '7' } })
    const data = await new Client(new URL('/hark/', url), 'secret').request(HeadDocument, {})
    assert.deepEqual(data, { head: '7' })
    assert.equal(lastRequest.url, '/hark/graphql')
    assert.equal(lastRequest.headers.authorization, 'Bearer secret')
  })

  it('names the token if it is none', async () => {
    const error = await new Client(url, 'secret\n').request(HeadDocument, {}).catch(reason => reason)
    assert.match(String(error), /the token has characters that no token has: set HARK_TOKEN/)
  })

  it('takes a response without a result for one of another program', async () => {
    for (const body of [null, { data: null }, { errors: 'x' }, { errors: [{}] }, { errors: [] }, { errors: [null] }]) {
      answer = { status: 200, body: JSON.stringify(body) }
      const error = await new Client(url).request(HeadDocument, {}).catch(reason => reason)
      assert.match(String(error), /is not a Hark engine \(HTTP status 200\)/, JSON.stringify(body))
    }
  })

  it('lists every invalid field with its path', async () => {
    const fields = [
      { path: 'spec.port', message: '99999 is not a port' },
      { path: '', message: 'is too much' },
    ]
    answers({ errors: [{ message: 'wrong', extensions: { code: 'BAD_USER_INPUT', fields } }, { message: 'and more' }] })
    assert.deepEqual((await refusal()).lines, ['spec.port: 99999 is not a port', 'is too much', 'and more'])
  })

  it('names HARK_TOKEN when authentication is required', async () => {
    answers({ errors: [{ message: 'who are you?', extensions: { code: 'UNAUTHENTICATED' } }] }, 401)
    assert.match((await refusal()).message, /^Error from server \(Unauthorized\): who are you\?: set HARK_TOKEN/)
  })

  it('rejects the answer of another server', async () => {
    answer = { status: 404, body: '<html>' }
    await assert.rejects(new Client(url).request(HeadDocument, {}), (error: Unreachable) => {
      assert.equal(error.message, `${url.origin} is not a Hark engine (HTTP status 404)`)
      return error instanceof Unreachable
    })
  })

  it('sends a request above a limit again when the engine permits', async () => {
    const extensions = { code: 'UNAVAILABLE', limit: 'requestsPerSecond', retryAfterSeconds: 0.001 }
    const bodies = [{ errors: [{ message: 'too many', extensions }] }, { data: { head: '7' } }]
    const transport = async () => ({ status: 200, body: bodies.shift() })
    assert.deepEqual(await new Client(url, undefined, transport).request(HeadDocument, {}), { head: '7' })
  })

  it('does not wait for a limit longer than for a response', async () => {
    const extensions = { code: 'UNAVAILABLE', limit: 'requestsPerSecond', retryAfterSeconds: 60 }
    answers({ errors: [{ message: 'too many', extensions }] })
    assert.equal((await refusal()).message, 'Error from server (TooManyRequests): too many')
  })

  it('times out', async () => {
    answer = undefined
    const pending = new Client(url).request(HeadDocument, {}, { timeoutMs: 50 })
    await assert.rejects(pending, { name: 'CliError', message: `no response from ${url.origin} within 0.05 s` })
  })
})

describe('commands without an engine', () => {
  let nowhere: string
  before(async () => {
    nowhere = `http://127.0.0.1:${await freePort()}`
  })

  it('report why the connection failed', async () => {
    const reasonAt = async (server: string): Promise<string> => {
      const error = await new Client(new URL(server)).request(HeadDocument, {}).catch(reason => reason)
      assert.ok(error instanceof Unreachable && error.status === 3)
      assert.ok(error.cause instanceof Error)
      return error.message
    }
    assert.match(await reasonAt('http://no-such-host.invalid:4000'), /no-such-host\.invalid/)
    assert.match(await reasonAt(nowhere.replace('http:', 'https:')), /start one/)
    assert.match(await reasonAt(url.href.replace('http:', 'https:')), /: (?!start).*(SSL|packet|wrong version)/i)
  })

  for (const command of ['get listeners', 'get sites -w', 'history', 'delete listener a', 'describe connector a']) {
    it(`${command} prints how to start one`, async () => {
      const { status, stdout, stderr } = await runInProcess(command.split(' '), { env: { HARK_SERVER: nowhere } })
      assert.deepEqual({ status, stdout }, { status: 3, stdout: '' })
      const help = 'start one with "hark serve" (in a checkout: npm start)'
      assert.equal(stderr, `error: no Hark engine responds at ${nowhere}: ${help}\n`)
    })
  }
})
