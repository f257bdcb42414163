import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { Registry } from 'prom-client'
import about from '../../package.json' with { type: 'json' }
import { type DatabaseFiles, registerProcessMetrics } from '../../src/server/http/metrics-process.ts'
import { scratchFolder } from '../support/scratch-folder.ts'
import { TestServer } from '../support/test-server.ts'

const metricsOf = (files: DatabaseFiles | undefined) => {
  const registry = new Registry()
  registerProcessMetrics(registry, files)
  return async () => (await registry.metrics()).split('\n').filter(line => line !== '' && !line.startsWith('#'))
}

const BUILD_INFO = `hark_build_info{version="${about.version}",node="${process.versions.node}"} 1`

describe('process metrics', () => {
  test('show the versions of Hark and Node.js', async () => {
    assert.deepEqual(await metricsOf(undefined)(), [BUILD_INFO])
  })

  test('add the WAL to the size of each database', async () => {
    await using folder = await scratchFolder()
    const [store, readModels] = [join(folder.path, 'events.db'), join(folder.path, 'read-models.db')]
    await writeFile(store, 'x'.repeat(100))
    await writeFile(`${store}-wal`, 'x'.repeat(20))
    await writeFile(readModels, 'x'.repeat(3))
    const lines = metricsOf({ store, readModels })
    assert.deepEqual(await lines(), [BUILD_INFO, 'hark_store_bytes 120', 'hark_read_models_bytes 3'])
    await rm(`${store}-wal`)
    await rm(readModels)
    assert.deepEqual(await lines(), [BUILD_INFO, 'hark_store_bytes 100', 'hark_read_models_bytes 0'])
  })

  test('omit the size of a store on another machine', async () => {
    await using folder = await scratchFolder()
    const lines = metricsOf({ readModels: join(folder.path, 'read-models.db') })
    assert.deepEqual(await lines(), [BUILD_INFO, 'hark_read_models_bytes 0'])
  })
})

const CREATE = 'mutation ($input: CreateListenerInput!) { createListener(input: $input) { position } }'

const value = (text: string, name: string): number =>
  Number(
    text
      .split('\n')
      .find(line => line.startsWith(`${name} `))
      ?.split(' ')[1],
  )

test('projection metrics › count events and time their batches', async () => {
  await using hark = await TestServer.start()
  const before = (await hark.get('/metrics')).text
  for (const [index, name] of ['a', 'b'].entries())
    await hark.data(CREATE, {
      input: { namespace: 'west', name, spec: { routingKey: name, host: name, port: index + 1 } },
    })
  const { text } = await hark.get('/metrics')
  const grown = (name: string) => value(text, name) - value(before, name)
  const events = grown('hark_position')
  assert.ok(events >= 2)
  assert.equal(grown('hark_projected_events_total'), events)
  const batches = grown('hark_projection_duration_seconds_count')
  assert.ok(batches >= 2 && batches <= events, `${batches} batches of ${events} events`)
  assert.ok(value(text, 'hark_projection_duration_seconds_sum') > 0)
})

test('query metrics › time queries by their first field, whatever its alias', async () => {
  await using hark = await TestServer.start()
  await hark.data('{ renamed: listeners { edges { cursor } } }')
  await hark.data('{ ...first } fragment first on Query { listeners { edges { cursor } } }')
  const { text } = await hark.get('/metrics')
  assert.equal(value(text, 'hark_query_duration_seconds_count{field="listeners"}'), 1)
  assert.equal(value(text, 'hark_query_duration_seconds_count{field="fragment"}'), 1)
})
