import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { TestServer } from '../support/test-server.ts'

const CREATE = 'mutation ($input: CreateListenerInput!) { createListener(input: $input) { position } }'

const create = (hark: TestServer, name: string, port: number) =>
  hark.data(CREATE, { input: { namespace: 'west', name, spec: { routingKey: name, host: name, port } } })

const linesOf = async (hark: TestServer): Promise<string[]> => (await hark.get('/metrics')).text.split('\n')

describe('listener metrics', () => {
  test('count listeners by namespace and status', async () => {
    await using hark = await TestServer.start()
    await create(hark, 'a', 8080)
    const lines = await linesOf(hark)
    const counted = ['Ready', 'Pending', 'Error', 'Unknown'].map(status =>
      lines.find(line => line.startsWith(`hark_listeners{namespace="west",status="${status}"} `))?.at(-1),
    )
    assert.equal(
      counted.map(Number).reduce((sum, count) => sum + count),
      1,
    )
    assert.equal(counted[0], '0')
  })

  test('name no more listeners than the limit, and count the others', async () => {
    await using hark = await TestServer.start({ server: { listenerMetrics: 2 } })
    for (const [index, name] of ['c', 'a', 'b'].entries()) await create(hark, name, 8080 + index)
    const lines = await linesOf(hark)
    assert.deepEqual(
      lines.filter(line => line.startsWith('hark_listener_ready{')),
      ['hark_listener_ready{namespace="west",name="a"} 0', 'hark_listener_ready{namespace="west",name="b"} 0'],
    )
    assert.ok(lines.includes('hark_listener_metrics_omitted 1'))
  })

  test('name no listener at a limit of 0', async () => {
    await using hark = await TestServer.start({ server: { listenerMetrics: 0 } })
    await create(hark, 'a', 8080)
    const lines = await linesOf(hark)
    assert.ok(!lines.some(line => line.startsWith('hark_listener_ready{')))
    assert.ok(lines.includes('hark_listener_metrics_omitted 0'))
  })
})

test('query metrics › measure queries by their first field', async () => {
  await using hark = await TestServer.start()
  await hark.data('{ renamed: listeners { edges { cursor } } }')
  assert.ok((await linesOf(hark)).includes('hark_query_duration_seconds_count{field="listeners"} 1'))
})
