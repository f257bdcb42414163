import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { onlyError, TestServer } from '../../support/test-server.ts'

const hark = await TestServer.start()
after(() => hark[Symbol.asyncDispose]())

const extensions = { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } }

describe('a persisted query', () => {
  it('is answered so that clients send its text', async () => {
    const search = new URLSearchParams({ variables: '{}', extensions: JSON.stringify(extensions) })
    for (const answer of [
      await hark.post(JSON.stringify({ variables: {}, extensions })),
      await hark.post(JSON.stringify({ extensions }), { accept: 'application/graphql-response+json' }),
      await hark.get(`/graphql?${search}`, { accept: 'application/json' }),
    ]) {
      assert.equal(answer.status, 200)
      const { message, extensions } = onlyError(answer)
      assert.deepEqual([message, extensions.code], ['PersistedQueryNotSupported', 'PERSISTED_QUERY_NOT_SUPPORTED'])
    }
  })

  it('is executed if it comes with its text', async () => {
    const { data } = await hark.post(JSON.stringify({ query: '{ __typename }', extensions }))
    assert.deepEqual(data, { __typename: 'Query' })
    const search = new URLSearchParams({ query: '{ __typename }', extensions: JSON.stringify(extensions) })
    const answer = await hark.get(`/graphql?${search}`, { accept: 'application/json' })
    assert.deepEqual(answer.data, { __typename: 'Query' })
  })

  it('is no excuse for a request without a query', async () => {
    for (const body of [{}, { extensions: {} }, { extensions: { persistedQuery: null } }, { query: 1, extensions }]) {
      const { extensions } = onlyError(await hark.post(JSON.stringify(body)))
      assert.deepEqual([extensions.code, extensions.fields?.[0]?.path], ['BAD_USER_INPUT', 'query'])
    }
  })
})
