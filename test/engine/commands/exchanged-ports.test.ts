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
  spec: { host: 'shop', ...spec },
})
const listener = (name: string, port: number) => manifest('Listener', name, { routingKey: name, port })
const multiKeyListener = (name: string, port: number) =>
  manifest('MultiKeyListener', name, { port, strategy: { priority: { routingKeys: [name] } } })

const apply = (test: TestEngine, ...manifests: readonly object[]) => test.engine.apply(manifests, { caller: ALICE })

const portsOf = ({ engine }: TestEngine): Record<string, number> =>
  Object.fromEntries(
    (['Listener', 'MultiKeyListener'] as const).flatMap(kind =>
      engine.read
        .resources(kind, {}, { first: 10 })
        .rows.map(({ row }): [string, number] => [`${kind} ${row.name}`, row.spec.port]),
    ),
  )

const before = [multiKeyListener('a', 80), multiKeyListener('b', 81), listener('a', 82)]
const wanted = [multiKeyListener('a', 81), multiKeyListener('b', 80), listener('a', 82)]
const EXCHANGED = { 'Listener a': 82, 'MultiKeyListener a': 81, 'MultiKeyListener b': 80 }

describe('apply of MultiKeyListeners that exchange ports', () => {
  it('leaves a Listener of the same name at its port', async () => {
    await using test = await TestEngine.start()
    await apply(test, ...before)
    await apply(test, ...wanted)
    assert.deepEqual(portsOf(test), EXCHANGED)
    assert.deepEqual(await test.story('listener-west.a'), ['ListenerCreated'])
    assertEndpoints(await test.log())
  })

  it('exchanges ports with a Listener too, whichever makes way', async () => {
    for (const sorted of [false, true]) {
      await using test = await TestEngine.start()
      await apply(test, multiKeyListener('m', 80), listener('l', 81))
      const exchanged = [multiKeyListener('m', 81), listener('l', 80)]
      await apply(test, ...(sorted ? exchanged : exchanged.toReversed()))
      assert.deepEqual(portsOf(test), { 'Listener l': 80, 'MultiKeyListener m': 81 })
      assertEndpoints(await test.log())
    }
  })

  it('leaves each on a requested port after a crash at any append', async () => {
    for (let appends = 0; ; appends += 1) {
      await using test = await TestEngine.start()
      await apply(test, ...before)
      let left = appends
      test.store.beforeAppend = () => {
        left -= 1
        if (left < 0) unanswered()
      }
      const outcome = await apply(test, ...wanted).catch(error => error as Error)
      await using after = await test.crashed()
      assertEndpoints(await after.log())
      const { 'MultiKeyListener a': a, 'MultiKeyListener b': b, 'Listener a': other } = portsOf(after)
      assert.equal(other, 82)
      assert.deepEqual([a, b].toSorted(), [80, 81], `after ${appends} appends`)
      await apply(after, ...wanted)
      assert.deepEqual(portsOf(after), EXCHANGED)
      test.store.beforeAppend = () => {}
      if (!(outcome instanceof Error)) break
      assert.ok(appends < 20)
    }
  })
})
