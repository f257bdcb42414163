import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { API_VERSION } from '../../../schemas/resources/kinds.ts'
import { unanswered } from '../../fakes/faulty-store.ts'
import { assertEndpoints } from '../../support/log-rules.ts'
import { ALICE, TestEngine } from '../../support/test-engine.ts'

const manifest = (kind: string, name: string, spec: object) => ({
  apiVersion: API_VERSION,
  kind,
  metadata: { name, namespace: 'west' },
  spec,
})
const at = (name: string, port: number, more: object = {}) =>
  manifest('Listener', name, { routingKey: name, host: 'shop', port, ...more })
const connector = (spec: object = {}) =>
  manifest('Connector', 'c', { routingKey: 'c', host: '10.0.0.1', port: 8080, ...spec })
const CERTS = { tlsCredentials: 'certs' }

type Options = Omit<Parameters<TestEngine['engine']['apply']>[1], 'caller'>

const apply = (test: TestEngine, manifests: readonly unknown[], options: Options = { replace: true }) =>
  test.engine.apply(manifests, { caller: ALICE, ...options })

const actions = async (...given: Parameters<typeof apply>): Promise<string[]> =>
  (await apply(...given)).map(({ action, name }) => `${action} ${name}`)

const listenerOf = (test: TestEngine, name: string) => test.engine.read.resource('Listener', 'west', name)

const REPLACED = ['ListenerCreated', 'ListenerDeleted', 'ListenerCreated']

describe('apply with replace', () => {
  it('deletes and creates listeners and connectors in one append each', async () => {
    await using test = await TestEngine.start()
    await apply(test, [at('a', 80), at('b', 81), connector()])
    const before = listenerOf(test, 'a')
    const appended: string[] = []
    test.store.beforeAppend = stream => {
      appended.push(stream)
    }
    assert.deepEqual(await actions(test, [at('a', 80, CERTS), at('b', 82), connector(CERTS)]), [
      'Replaced a',
      'Configured b',
      'Replaced c',
    ])
    assert.deepEqual(appended.sort(), [
      'connector-west.c',
      'endpoint-west.shop:82',
      'listener-west.a',
      'listener-west.b',
    ])
    assert.deepEqual(await test.story('listener-west.a'), REPLACED)
    assert.deepEqual(await test.story('connector-west.c'), ['ConnectorCreated', 'ConnectorDeleted', 'ConnectorCreated'])
    const after = listenerOf(test, 'a')
    assert.deepEqual([after?.generation, after?.spec.tlsCredentials], [1, 'certs'])
    assert.notEqual(after?.uid, before?.uid)
    assertEndpoints(await test.log())
    const { rows, rebuilt } = await test.rowsAndRebuiltRows()
    assert.deepEqual(rows, rebuilt)
  })

  it('replaces a MultiKeyListener whose kind of strategy changes, and keeps its host and port', async () => {
    await using test = await TestEngine.start()
    const spec = { host: 'shop', port: 80 }
    await apply(test, [manifest('MultiKeyListener', 'm', { ...spec, strategy: { priority: { routingKeys: ['a'] } } })])
    const weighted = { ...spec, strategy: { weighted: { routingKeys: { a: 1 } } } }
    assert.deepEqual(await actions(test, [manifest('MultiKeyListener', 'm', weighted)]), ['Replaced m'])
    await assert.rejects(apply(test, [at('a', 80)]), { code: 'ALREADY_EXISTS' })
    assertEndpoints(await test.log())
    const { rows, rebuilt } = await test.rowsAndRebuiltRows()
    assert.deepEqual(rows, rebuilt)
  })

  it('reports replacements in a dry run, and appends nothing', async () => {
    await using test = await TestEngine.start()
    await apply(test, [at('a', 80)])
    const before = await test.log()
    assert.deepEqual(await actions(test, [at('a', 80, CERTS)], { replace: true, dryRun: true }), ['Replaced a'])
    assert.deepEqual(await test.log(), before)
  })

  it('changes nothing if another manifest is rejected', async () => {
    await using test = await TestEngine.start()
    await apply(test, [at('a', 80), at('b', 81)])
    const before = await test.log()
    const taken = { code: 'ALREADY_EXISTS', message: /^manifests\[1\]: host shop and port 81 are taken/ }
    await assert.rejects(apply(test, [at('a', 80, CERTS), at('c', 81)]), taken)
    assert.deepEqual(await test.log(), before)
  })

  it('swaps host and port of two replaced listeners', async () => {
    await using test = await TestEngine.start()
    await apply(test, [at('a', 80), at('b', 81)])
    assert.deepEqual(await actions(test, [at('a', 81, CERTS), at('b', 80, CERTS)]), ['Replaced a', 'Replaced b'])
    assert.deepEqual([listenerOf(test, 'a')?.spec.port, listenerOf(test, 'b')?.spec.port], [81, 80])
    assertEndpoints(await test.log())
  })

  it('returns Replaced again for a repeated commandId, also after a restart', async () => {
    await using test = await TestEngine.start()
    await apply(test, [at('a', 80)])
    const options = { replace: true, commandId: 'once' }
    const first = await apply(test, [at('a', 80, CERTS), at('b', 81)], options)
    assert.deepEqual(
      first.map(({ action }) => action),
      ['Replaced', 'Created'],
    )
    assert.deepEqual(await apply(test, [at('a', 80, CERTS), at('b', 81)], options), first)
    await test.restart()
    assert.deepEqual(await apply(test, [at('a', 80, CERTS), at('b', 81)], options), first)
    assert.deepEqual(await test.story('listener-west.a'), REPLACED)
  })

  it('returns Created again for a listener whose name another command had freed', async () => {
    await using test = await TestEngine.start()
    await apply(test, [at('a', 80)])
    await test.run({ type: 'DeleteListener', namespace: 'west', name: 'a' })
    const options = { replace: true, commandId: 'once' }
    assert.deepEqual(await actions(test, [at('a', 80, CERTS)], options), ['Created a'])
    assert.deepEqual(await actions(test, [at('a', 80, CERTS)], options), ['Created a'])
  })

  it('rejects a manifest with the uid of another listener', async () => {
    await using test = await TestEngine.start()
    await apply(test, [at('a', 80)])
    const changed = at('a', 80, CERTS)
    const other = { ...changed, metadata: { ...changed.metadata, uid: 'other' } }
    await assert.rejects(apply(test, [other]), { code: 'CONFLICT' })
  })
})

describe('apply with replace, interrupted by a crash', () => {
  it('leaves each listener as it was or replaced, after any number of appends', async () => {
    const wanted = [at('a', 81, CERTS), at('b', 80, CERTS)]
    for (let appends = 0; ; appends += 1) {
      await using test = await TestEngine.start()
      await apply(test, [at('a', 80), at('b', 81)])
      let left = appends
      test.store.beforeAppend = () => {
        left -= 1
        if (left < 0) unanswered()
      }
      const outcome = await apply(test, wanted).catch(error => error as Error)
      await using after = await test.crashed()
      assertEndpoints(await after.log())
      for (const name of ['a', 'b']) {
        const listener = listenerOf(after, name)
        assert.ok(listener, `${name} exists after ${appends} appends`)
        const lives = (await after.story(`listener-west.${name}`)).filter(type => type === 'ListenerCreated').length
        assert.equal(lives, listener.spec.tlsCredentials === undefined ? 1 : 2)
      }
      await apply(after, wanted)
      assert.deepEqual(
        ['a', 'b'].map(name => {
          const { port, tlsCredentials } = listenerOf(after, name)?.spec ?? {}
          return [port, tlsCredentials]
        }),
        [
          [81, 'certs'],
          [80, 'certs'],
        ],
      )
      test.store.beforeAppend = () => {}
      if (!(outcome instanceof Error)) break
      assert.ok(appends < 20)
    }
  })
})
