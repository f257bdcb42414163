import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { serverAudits } from 'graphql-http'
import { TestServer } from '../../support/test-server.ts'

const hark = await TestServer.start()
after(() => hark[Symbol.asyncDispose]())

describe('GraphQL over HTTP', () => {
  for (const { id, name, fn } of serverAudits({ url: `${hark.url}/graphql` })) {
    it(`${name} (audit ${id})`, async () => {
      const result = await fn()
      if (result.status === 'error') assert.fail(result.reason)
    })
  }
})
