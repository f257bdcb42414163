import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it, mock } from 'node:test'
import type { Operation } from '../../src/console/api/operation.ts'

const UNAUTHENTICATED = { errors: [{ message: 'no', extensions: { code: 'UNAUTHENTICATED' } }] }
const operation = { query: '{ head }' } as Operation<unknown, object>

describe('request', () => {
  let responses: PromiseWithResolvers<Response>[]

  beforeEach(() => {
    const stored = new Map<string, string>()
    Object.assign(globalThis, {
      sessionStorage: {
        getItem: (key: string) => stored.get(key) ?? null,
        setItem: (key: string, value: string) => stored.set(key, value),
        removeItem: (key: string) => stored.delete(key),
      },
    })
    responses = []
    mock.method(globalThis, 'fetch', () => {
      const response = Promise.withResolvers<Response>()
      responses.push(response)
      return response.promise
    })
  })
  afterEach(() => {
    mock.restoreAll()
    Reflect.deleteProperty(globalThis, 'sessionStorage')
  })

  it('requires a token when one is rejected, unless another has replaced it', async () => {
    const { isTokenRequired, signIn } = await import('../../src/console/api/session.ts')
    const { request } = await import('../../src/console/api/request.ts')
    const answers = [request(operation, {}), request(operation, {})].map(answer => answer.catch(error => error.code))
    responses[0]?.resolve(Response.json(UNAUTHENTICATED))
    assert.equal(await answers[0], 'UNAUTHENTICATED')
    assert.equal(isTokenRequired.value, true)
    signIn('new')
    responses[1]?.resolve(Response.json(UNAUTHENTICATED))
    assert.equal(await answers[1], 'UNAUTHENTICATED')
    assert.equal(isTokenRequired.value, false)
  })

  it('returns events whose statuses are not available, and rejects any other error', async () => {
    const { request } = await import('../../src/console/api/request.ts')
    const data = { events: [{ position: '7', newStatus: null }] }
    const missing = { message: 'later', path: ['events', 0, 'newStatus'], extensions: { code: 'UNAVAILABLE' } }
    const other = { message: 'no', path: ['events'], extensions: { code: 'FORBIDDEN' } }
    const answers = [request(operation, {}), request(operation, {})]
    responses[0]?.resolve(Response.json({ data, errors: [missing] }))
    assert.deepEqual(await answers[0], data)
    responses[1]?.resolve(Response.json({ data: null, errors: [missing, other] }))
    await assert.rejects(answers[1] as Promise<unknown>, { code: 'FORBIDDEN', message: 'no' })
  })

  it('reports a response that is not JSON with its status', async () => {
    const { request } = await import('../../src/console/api/request.ts')
    const answer = request(operation, {})
    responses[0]?.resolve(new Response('<html>Bad Gateway</html>', { status: 502 }))
    await assert.rejects(answer, { code: 'UNREACHABLE', message: 'Unexpected response: HTTP 502' })
  })
})
