import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ANONYMOUS } from '../../src/auth/roles.ts'
import { callerOf, requestId } from '../../src/server/http/request-origin.ts'

const ID = '6b8a2a0e-64a5-4b5c-a5b4-0d8f6c1b1f11'

it('callerOf › is via cli for a user agent that begins with hark/ alone', () => {
  const viaOf = (userAgent?: string) => callerOf(ANONYMOUS, { id: ID, address: '127.0.0.1', userAgent }).via
  assert.equal(viaOf('hark/0.1.0'), 'cli')
  for (const other of [undefined, '', 'hark', 'curl/8 hark/0.1.0', 'Hark/0.1.0']) assert.equal(viaOf(other), 'graphql')
})

it('requestId › returns the header if it is a UUID, otherwise a new id', () => {
  assert.equal(requestId({ 'x-request-id': ID }), ID)
  const made = [{}, {}, { 'x-request-id': 'mine' }].map(requestId)
  assert.equal(new Set(made).size, 3)
  for (const id of made) assert.match(id, /^[0-9a-f]{8}-/)
})
