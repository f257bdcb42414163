import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { APPLY, BACKEND, CONNECTOR, GET_LISTENER, SITE } from '../../support/operations.ts'
import { onlyError, TestServer } from '../../support/test-server.ts'

const hark = await TestServer.start()
after(() => hark[Symbol.asyncDispose]())

const apply = async (input: object) => (await hark.data(APPLY, { input })).apply.results

test('apply › returns a listener with defaults and the reason why it is pending', async () => {
  const [result] = await apply({ manifests: [BACKEND] })
  assert.deepEqual(
    { ...result, position: typeof result.position },
    {
      kind: 'Listener',
      namespace: 'hello-world-west',
      name: 'backend',
      action: 'Created',
      message: '',
      position: 'string',
    },
  )
  const { listener } = await hark.data(GET_LISTENER, BACKEND.metadata)
  assert.equal(listener.metadata.generation, 1)
  assert.deepEqual(listener.spec, {
    routingKey: 'backend',
    host: 'backend',
    port: 8080,
    type: 'tcp',
    exposePodsByName: false,
    tlsCredentials: null,
    settings: { observer: 'auto' },
  })
  const condition = { status: 'False', reason: 'Pending', observedGeneration: 1 }
  assert.deepEqual(listener.status, {
    status: 'Pending',
    message: 'No router attached',
    hasMatchingConnector: false,
    conditions: [
      { type: 'Configured', ...condition, message: 'No router attached' },
      { type: 'Matched', ...condition, message: 'No matching connectors' },
      { type: 'Ready', ...condition, message: 'No router attached' },
    ],
  })
})

test('apply › creates, updates, keeps and skips manifests', async () => {
  const moved = { ...BACKEND, spec: { ...BACKEND.spec, port: 9090 } }
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'frontend' } }
  const results = await apply({ manifests: [moved, CONNECTOR, service], namespace: 'hello-world-west' })
  assert.deepEqual(
    results.map(({ kind, action }: { kind: string; action: string }) => [kind, action]),
    [
      ['Listener', 'Configured'],
      ['Connector', 'Created'],
      ['Service', 'Skipped'],
    ],
  )
  assert.equal(results[2].position, null)
  const before = await hark.eventCount()
  const again = await apply({ manifests: [moved, CONNECTOR] })
  assert.deepEqual(
    again.map(({ action }: { action: string }) => action),
    ['Unchanged', 'Unchanged'],
  )
  assert.equal(await hark.eventCount(), before)
})

test('apply › reports actions of a dry run without appending events', async () => {
  const before = await hark.eventCount()
  const [result] = await apply({
    manifests: [{ ...SITE, metadata: { name: 'north' } }],
    namespace: 'north',
    dryRun: true,
  })
  assert.equal(result.action, 'Created')
  assert.equal(result.namespace, 'north')
  assert.equal(result.position, null)
  assert.equal(await hark.eventCount(), before)
})

test('apply › accepts manifests as literals', async () => {
  const { apply } = await hark.data(`mutation { apply(input: { namespace: "inline", manifests: [{
    apiVersion: "skupper.io/v2alpha1", kind: "Listener", metadata: { name: "a" },
    spec: { routingKey: "a", host: "a", port: 1, settings: { observer: "none" } }
  }] }) { results { action } } }`)
  assert.deepEqual(apply.results, [{ action: 'Created' }])
})

test('apply › applies nothing if one manifest is invalid, and reports every issue', async () => {
  const before = await hark.eventCount()
  const faulty = { ...BACKEND, spec: { routingKey: 'a b', host: 'a b', port: 0 } }
  const error = await hark.error(APPLY, {
    input: { manifests: [CONNECTOR, faulty, { kind: 'Listener' }, 'text'], namespace: 'new' },
  })
  assert.equal(error.extensions.code, 'BAD_USER_INPUT')
  assert.deepEqual(
    error.extensions.fields?.map(({ path }) => path),
    [
      'manifests[1].spec.routingKey',
      'manifests[1].spec.host',
      'manifests[1].spec.port',
      'manifests[2].apiVersion',
      'manifests[3]',
    ],
  )
  assert.equal(await hark.eventCount(), before)
})

test('apply › rejects a change of an immutable field', async () => {
  const changed = { ...BACKEND, spec: { ...BACKEND.spec, port: 9090, exposePodsByName: true } }
  const error = await hark.error(APPLY, { input: { manifests: [changed] } })
  assert.equal(error.extensions.code, 'IMMUTABLE_FIELD')
})

test('apply › replaces a listener with `replace`', async () => {
  const changed = { ...BACKEND, spec: { ...BACKEND.spec, port: 9090, exposePodsByName: true } }
  const replace = (dryRun: boolean) => apply({ manifests: [changed], replace: true, dryRun })
  assert.equal((await replace(true))[0].action, 'Replaced')
  assert.equal((await replace(false))[0].action, 'Replaced')
  const { listener } = await hark.data(GET_LISTENER, BACKEND.metadata)
  assert.deepEqual([listener.metadata.generation, listener.spec.exposePodsByName], [1, true])
  assert.equal((await replace(false))[0].action, 'Unchanged')
})

test('apply › validates namespace and commandId', async () => {
  const error = await hark.error(APPLY, { input: { manifests: [], namespace: 'A b', commandId: 'x'.repeat(201) } })
  assert.deepEqual(
    error.extensions.fields?.map(({ path }) => path),
    ['namespace', 'commandId'],
  )
})

test('apply › accepts two thousand manifests in a request', async () => {
  const manifests = Array.from({ length: 2000 }, (_, index) => ({
    ...BACKEND,
    metadata: { name: `l${index}`, namespace: 'many', annotations: { note: 'x'.repeat(500) } },
    spec: { routingKey: `key-${index % 10}`, host: `h${index}`, port: 8080 },
  }))
  const results = await apply({ manifests })
  assert.equal(results.length, 2000)
  assert.ok(results.every(({ action }: { action: string }) => action === 'Created'))
})

test('apply › rejects a request of ten megabytes', async () => {
  const answer = await hark.post(
    JSON.stringify({ query: APPLY, variables: { input: { manifests: ['x'.repeat(10_000_000)] } } }),
  )
  assert.equal(answer.status, 413)
  assert.equal(onlyError(answer).extensions.code, 'BAD_USER_INPUT')
  assert.match(onlyError(answer).message, /4 MB/)
})
