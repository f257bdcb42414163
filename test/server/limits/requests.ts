import assert from 'node:assert/strict'
import { CREATE_LISTENER, listenerInput } from '../../support/operations.ts'
import { TestServer } from '../../support/test-server.ts'
import { type Cases, closed, counted, names, openSocket, WATCH, withLimits } from './limited-server.ts'

/** Tests of the limits of a single request. */
export const REQUEST_CASES = {
  requestBytes: {
    'limits the body of a request': async () => {
      await using hark = await withLimits({ requestBytes: 100 })
      assert.ok(await hark.data('{ head }'))
      const answer = await hark.graphql(`{ head }${' '.repeat(100)}`)
      assert.equal(answer.status, 413)
      names(answer, 'requestBytes', 'BAD_USER_INPUT')
      await counted(hark, 'requestBytes', 1)
    },
    'limits a chunked body': async () => {
      await using hark = await withLimits({ requestBytes: 100 })
      const body = new Blob([`{"query":"{ head }${' '.repeat(100)}"}`]).stream()
      const options = { method: 'POST', headers: { 'content-type': 'application/json' }, body, duplex: 'half' as const }
      assert.equal((await fetch(`${hark.url}/graphql`, options)).status, 413)
      await counted(hark, 'requestBytes', 1)
    },
    'limits a WebSocket message': async () => {
      await using hark = await withLimits({ requestBytes: 100 })
      const socket = await openSocket(hark)
      socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload: { query: `{ head }${' '.repeat(100)}` } }))
      assert.equal((await closed(socket)).code, 1009)
      await counted(hark, 'requestBytes', 1)
    },
  },

  batch: {
    'allows one operation by default': async () => {
      await using hark = await TestServer.start()
      assert.deepEqual((await hark.post('[{"query":"{ head }"}]')).status, 200)
      names(await hark.post('[{"query":"{ head }"},{"query":"{ head }"}]'), 'batch', 'BAD_USER_INPUT')
      await counted(hark, 'batch', 1)
    },
    'executes several operations in order': async () => {
      await using hark = await withLimits({ batch: 3 })
      const operations = [
        { query: CREATE_LISTENER, variables: { input: listenerInput('first') } },
        { query: CREATE_LISTENER, variables: { input: listenerInput('first') } },
        { query: '{ listeners { totalCount } }' },
      ]
      const answers = JSON.parse((await hark.post(JSON.stringify(operations))).text)
      assert.equal(answers[0].data.createListener.listener.metadata.name, 'first')
      assert.equal(answers[1].errors[0].extensions.code, 'ALREADY_EXISTS')
      assert.equal(answers[2].data.listeners.totalCount, 1)
      names(await hark.post(JSON.stringify([...operations, operations[2]])), 'batch', 'BAD_USER_INPUT')
    },
    'rejects a batch with a subscription': async () => {
      await using hark = await withLimits({ batch: 3 })
      const operations = [{ query: CREATE_LISTENER, variables: { input: listenerInput('not') } }, { query: WATCH }]
      assert.equal((await hark.post(JSON.stringify(operations))).status, 406)
      assert.equal((await hark.data('{ listeners { totalCount } }')).listeners.totalCount, 0)
    },
  },
} satisfies Partial<Cases>
