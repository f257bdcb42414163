import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Registry } from 'prom-client'
import { Table } from '../../projections/kit/table.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { registerListenerMetrics } from '../../src/server/http/metrics-listeners.ts'
import { silentLogger } from '../fakes/silent-logger.ts'
import { TestServer } from '../support/test-server.ts'

const CREATE = 'mutation ($input: CreateListenerInput!) { createListener(input: $input) { position } }'

const create = (hark: TestServer, name: string, port: number) =>
  hark.data(CREATE, { input: { namespace: 'west', name, spec: { routingKey: name, host: name, port } } })

const linesOf = async (hark: TestServer): Promise<string[]> => (await hark.get('/metrics')).text.split('\n')

const row = (namespace: string, name: string, status: string, reason: string, seconds: number) => ({
  namespace,
  name,
  conditions: { Ready: { status, reason, lastTransitionTime: new Date(seconds * 1000).toISOString() } },
})

/** Metrics of tables with these rows, as listeners and as connectors. */
const metricsOf = (rows: readonly ReturnType<typeof row>[], mostListeners = 1000) => {
  const table = new Table<ReturnType<typeof row>>()
  const replace = (next: ReturnType<typeof row>) => table.set(`${next.namespace}/${next.name}`, next)
  for (const each of rows) replace(each)
  const tables = { listeners: table, connectors: table }
  const readModels = { serving: { listenerStatus: { tables }, connectorStatus: { tables } } }
  const warnings: unknown[] = []
  const registry = new Registry()
  registerListenerMetrics(registry, {
    engine: { readModels } as unknown as Engine,
    logger: { ...silentLogger, warn: details => void warnings.push(details) },
    mostListeners,
  })
  return { replace, warnings, lines: async () => (await registry.metrics()).split('\n') }
}

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

  test('distinguish Unknown from Pending', async () => {
    const { lines } = metricsOf([
      row('a', 'x', 'Unknown', 'RouterUnreachable', 100),
      row('a', 'y', 'False', 'Pending', 100),
      row('a', 'z', 'False', 'Error', 100),
    ])
    for (const kind of ['listeners', 'connectors'])
      assert.deepEqual(
        (await lines()).filter(line => line.startsWith(`hark_${kind}{`)),
        ['Ready 0', 'Pending 1', 'Error 1', 'Unknown 1']
          .map(count => count.split(' '))
          .map(([status, count]) => `hark_${kind}{namespace="a",status="${status}"} ${count}`),
      )
  })

  test('show by namespace since when the listener that is not ready for longest has not been', async () => {
    const { lines } = metricsOf([
      row('late', 'ready', 'True', 'Ready', 100),
      row('late', 'second', 'Unknown', 'RouterUnreachable', 300),
      row('late', 'first', 'False', 'Error', 200),
      row('well', 'ready', 'True', 'Ready', 100),
    ])
    const name = 'hark_listeners_not_ready_since_timestamp_seconds'
    assert.deepEqual(
      (await lines()).filter(line => line.startsWith(`${name}{`)),
      [`${name}{namespace="late"} 200`, `${name}{namespace="well"} 0`],
    )
  })

  test('show when each listener became ready or ceased to be', async () => {
    const { lines, replace } = metricsOf([row('a', 'x', 'True', 'Ready', 100)])
    const single = async () => (await lines()).filter(line => line.startsWith('hark_listener_ready'))
    const labels = '{namespace="a",name="x"}'
    const changed = 'hark_listener_ready_changed_timestamp_seconds'
    assert.deepEqual(await single(), [`hark_listener_ready${labels} 1`, `${changed}${labels} 100`])
    replace(row('a', 'x', 'False', 'Error', 200))
    assert.deepEqual(await single(), [`hark_listener_ready${labels} 0`, `${changed}${labels} 200`])
  })

  test('log a warning about omitted listeners once, not at each scrape', async () => {
    const rows = ['x', 'y', 'z'].map(name => row('a', name, 'True', 'Ready', 100))
    const { lines, warnings } = metricsOf(rows, 2)
    await lines()
    await lines()
    assert.deepEqual(warnings, [{ omitted: 1, limit: 2 }])
  })

  for (const mostListeners of [0, 3])
    test(`log no warning about 3 listeners at a limit of ${mostListeners}`, async () => {
      const rows = ['x', 'y', 'z'].map(name => row('a', name, 'True', 'Ready', 100))
      const { lines, warnings } = metricsOf(rows, mostListeners)
      await lines()
      assert.deepEqual(warnings, [])
    })
})
