import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ListenerCommand } from '../../../schemas/commands.ts'
import type { HarkError } from '../../../schemas/errors.ts'
import { formatPosition } from '../../../schemas/events/recorded-event.ts'
import { API_VERSION } from '../../../schemas/resources/kinds.ts'
import { unanswered } from '../../fakes/faulty-store.ts'
import { createListener, deleteListener, updatePort, updateRoutingKey } from '../../support/commands.ts'
import fc from '../../support/fast-check.ts'
import { assertEndpoints } from '../../support/log-rules.ts'
import { ALICE, TestEngine } from '../../support/test-engine.ts'

type Metadata = { readonly uid?: string; readonly resourceVersion?: string }

const manifest = (kind: string, name: string, spec: object, metadata: Metadata = {}, namespace = 'west') => ({
  apiVersion: API_VERSION,
  kind,
  metadata: { name, namespace, ...metadata },
  spec,
})
const listener = (name: string, spec: object = {}, metadata: Metadata = {}) =>
  manifest('Listener', name, { routingKey: name, host: 'shop', port: 80, ...spec }, metadata)
const at = (name: string, port: number) => listener(name, { port })
const site = (name: string) => manifest('Site', name, {})

const apply = (
  test: TestEngine,
  manifests: readonly unknown[],
  options: { dryRun?: boolean; replace?: boolean } = {},
) => test.engine.apply(manifests, { caller: ALICE, ...options })

const portsOf = (test: TestEngine): Record<string, number> =>
  Object.fromEntries(
    test.engine.read
      .resources('Listener', {}, { first: 1000 })
      .rows.map(({ row }) => [row.name, row.spec.port] as const),
  )

/** Requires the same results of dry run and run. */
const agreed = async (test: TestEngine, manifests: readonly unknown[]): Promise<string[]> => {
  const actions = (results: Awaited<ReturnType<typeof apply>>) => results.map(({ action, name }) => `${action} ${name}`)
  const foretold = actions(await apply(test, manifests, { dryRun: true }))
  assert.deepEqual(actions(await apply(test, manifests)), foretold)
  assertEndpoints(await test.log())
  return foretold
}

const refused = async (test: TestEngine, manifests: readonly unknown[], error: object): Promise<void> => {
  const before = await test.log()
  await assert.rejects(apply(test, manifests, { dryRun: true }), error)
  await assert.rejects(apply(test, manifests), error)
  assert.deepEqual(await test.log(), before, 'nothing was done')
}

describe('apply with several manifests', () => {
  for (const [order, sort] of [
    ['who leaves first', (all: readonly object[]) => all],
    ['who comes first', (all: readonly object[]) => all.toReversed()],
  ] as const) {
    it(`passes a port from one listener to another, ${order}`, async () => {
      await using test = await TestEngine.start()
      await apply(test, [at('a', 80)])
      assert.deepEqual((await agreed(test, sort([at('a', 81), at('b', 80)]))).toSorted(), ['Configured a', 'Created b'])
      assert.deepEqual(portsOf(test), { a: 81, b: 80 })
    })

    it(`moves a chain of listeners to the next port, ${order}`, async () => {
      await using test = await TestEngine.start()
      const names = Array.from({ length: 20 }, (_, index) => `listener-${index}`)
      await apply(
        test,
        names.map((name, index) => at(name, 80 + index)),
      )
      await agreed(test, sort(names.map((name, index) => at(name, 81 + index))))
      assert.deepEqual(portsOf(test), Object.fromEntries(names.map((name, index) => [name, 81 + index])))
    })

    it(`exchanges ports in a cycle, ${order}`, async () => {
      await using test = await TestEngine.start()
      await apply(test, [at('a', 80), at('b', 81), at('c', 82), at('d', 90), at('e', 91)])
      const before = test.engine.read.resource('Listener', 'west', 'a')?.uid
      await agreed(test, sort([at('a', 81), at('b', 82), at('c', 80), at('d', 91), at('e', 90)]))
      assert.deepEqual(portsOf(test), { a: 81, b: 82, c: 80, d: 91, e: 90 })
      assert.equal(test.engine.read.resource('Listener', 'west', 'a')?.uid, before)
    })
  }

  it('rejects all manifests if two need the same port', async () => {
    await using test = await TestEngine.start()
    await apply(test, [at('a', 80)])
    const taken = /^manifests\[1\]: host shop and port 81 are taken in namespace west, by listener a$/
    await refused(test, [at('a', 81), at('b', 81)], { code: 'ALREADY_EXISTS', message: taken })
    const kept = /^manifests\[0\]: host shop and port 80 are taken in namespace west, by listener a$/
    await refused(test, [at('c', 80), at('b', 81)], { code: 'ALREADY_EXISTS', message: kept })
  })

  it('rejects all manifests if two sites have one namespace', async () => {
    await using test = await TestEngine.start()
    const error = { code: 'ALREADY_EXISTS', message: /^manifests\[2\]: namespace west has a site already, one/ }
    await refused(test, [at('a', 80), site('one'), site('two')], error)
  })

  it('decides a second manifest of a resource after the first', async () => {
    await using test = await TestEngine.start()
    const immutable = { code: 'IMMUTABLE_FIELD', message: /^manifests\[2\]: spec.exposePodsByName/ }
    await refused(test, [at('y', 80), at('z', 81), listener('z', { port: 81, exposePodsByName: true })], immutable)
    assert.deepEqual(await agreed(test, [at('z', 81), at('z', 82), at('z', 82), at('y', 81)]), [
      'Created z',
      'Configured z',
      'Unchanged z',
      'Created y',
    ])
  })

  it('has the results of its dry run, whatever state it starts from', async () => {
    const any = fc.oneof(
      {
        weight: 8,
        arbitrary: fc
          .tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.integer({ min: 80, max: 84 }))
          .map(([n, p]) => at(n, p)),
      },
      { weight: 1, arbitrary: fc.constantFrom('one', 'two').map(site) },
      {
        weight: 1,
        arbitrary: fc.constantFrom('a', 'b').map(name => listener(name, { port: 85, tlsCredentials: 'certs' })),
      },
    )
    let run = 0
    let passed = 0
    await using test = await TestEngine.start()
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(any, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        async (batches, replace) => {
          run += 1
          for (const batch of batches) {
            const manifests = batch.map(each => ({ ...each, metadata: { ...each.metadata, namespace: `run-${run}` } }))
            const before = (await test.log()).length
            const foretold = await apply(test, manifests, { dryRun: true, replace }).catch(error => error as Error)
            const outcome = await apply(test, manifests, { replace }).catch(error => error as Error)
            if (foretold instanceof Error) {
              assert.equal((outcome as Error).message, foretold.message)
              assert.equal((await test.log()).length, before)
            } else {
              assert.ok(!(outcome instanceof Error), String(outcome))
              assert.deepEqual(
                outcome.map(({ position: _, ...result }) => result),
                foretold,
              )
              passed += 1
            }
          }
        },
      ),
      { numRuns: 40 },
    )
    assert.ok(passed > 20)
    assertEndpoints(await test.log())
  })
})

describe('apply interrupted by a crash while listeners exchange ports', () => {
  it('leaves each listener on a requested port, after any number of appends', async () => {
    for (let appends = 0; ; appends += 1) {
      await using test = await TestEngine.start()
      await apply(test, [at('a', 80), at('b', 81)])
      let left = appends
      test.store.beforeAppend = () => {
        left -= 1
        if (left < 0) unanswered()
      }
      const outcome = await apply(test, [at('a', 81), at('b', 80)]).catch(error => error as Error)
      await using after = await test.crashed()
      assertEndpoints(await after.log())
      const { a, b } = portsOf(after)
      assert.ok([80, 81].includes(a as number) && [80, 81].includes(b as number), `a is at ${a}, b at ${b}`)
      assert.notEqual(a, b)
      await apply(after, [at('a', 81), at('b', 80)])
      assert.deepEqual(portsOf(after), { a: 81, b: 80 })
      test.store.beforeAppend = () => {}
      if (!(outcome instanceof Error)) break
      assert.ok(appends < 20)
    }
  })

  it('completes the exchange once a port taken meanwhile is free', async () => {
    await using test = await TestEngine.start()
    await apply(test, [at('a', 80), at('b', 81)])
    let hasMadeWay = false
    test.store.beforeAppend = () => {
      if (hasMadeWay) unanswered()
    }
    test.store.afterAppend = stream => {
      hasMadeWay ||= stream === 'listener-west.a'
    }
    await assert.rejects(apply(test, [at('a', 81), at('b', 80)]), { code: 'UNAVAILABLE' })
    test.store.beforeAppend = () => {}
    await test.run(createListener('c', { host: 'shop', port: 80 }))
    await test.restart()
    assert.deepEqual(portsOf(test), { a: 65535, b: 81, c: 80 })
    await test.run(deleteListener('b'))
    await test.restart()
    assert.deepEqual(portsOf(test), { a: 81, c: 80 })
    assertEndpoints(await test.log())
  })
})

/** Runs work before an append to this stream, which waits for it. */
const interfere = async (test: TestEngine, before: string, command: ListenerCommand): Promise<void> => {
  const other = await test.startAnother()
  let has = false
  test.store.beforeAppend = async stream => {
    if (has || stream !== before) return
    has = true
    await other.execute(command, { caller: ALICE })
  }
}

describe('apply with a failing manifest', () => {
  it('applies the others, and returns their results with the error', async () => {
    await using test = await TestEngine.start()
    await apply(test, [at('x', 81)])
    await interfere(test, 'endpoint-west.shop:81', createListener('c', { host: 'shop', port: 81 }))
    const batch = [site('west'), at('b', 81), at('x', 85), at('a', 80)]
    await assert.rejects(apply(test, batch), (error: HarkError) => {
      assert.equal(error.code, 'ALREADY_EXISTS')
      assert.match(error.message, /^manifests\[1\]: host shop and port 81 are taken in namespace west, by listener c$/)
      const { results } = error.details as {
        results: { index: number; action: string; name: string; position: string }[]
      }
      assert.deepEqual(
        results.map(({ index, action, name }) => [index, action, name]),
        [
          [0, 'Created', 'west'],
          [2, 'Configured', 'x'],
          [3, 'Created', 'a'],
        ],
      )
      assert.ok(results.every(({ position }) => /^\d{16}$/.test(position)))
      return true
    })
    assert.deepEqual(portsOf(test), { a: 80, c: 81, x: 85 })
  })

  it('returns every failure', async () => {
    await using test = await TestEngine.start()
    await apply(test, [at('x', 81), at('a', 80)])
    await interfere(test, 'endpoint-west.shop:81', createListener('c', { host: 'shop', port: 81 }))
    await assert.rejects(apply(test, [at('b', 80), at('a', 81), at('x', 91)]), (error: HarkError) => {
      assert.match(error.message, /^manifests\[0\]: .* by listener a$/)
      assert.match(String(error.details.alsoFailed), /^manifests\[1\]: .* by listener c$/)
      return true
    })
    assert.deepEqual(portsOf(test), { a: 80, c: 81, x: 91 })
  })
})

describe('apply of a manifest with uid or resourceVersion', () => {
  const versionOf = (test: TestEngine, name = 'a') => {
    const { uid, resourceVersion } = test.engine.read.resource('Listener', 'west', name) ?? assert.fail()
    return { uid, resourceVersion: formatPosition(resourceVersion) }
  }

  it('rejects it after a change of the spec, also in a dry run', async () => {
    await using test = await TestEngine.start()
    await apply(test, [at('a', 80)])
    const version = versionOf(test)
    await test.run(updatePort('a', 81))
    const { resourceVersion } = versionOf(test)
    await refused(test, [at('b', 90), listener('a', { routingKey: 'x' }, version)], {
      code: 'CONFLICT',
      message: `manifests[1]: Listener a has changed: its resourceVersion is ${resourceVersion}`,
    })
    await refused(test, [listener('a', {}, { resourceVersion: '9999' })], { code: 'CONFLICT' })
    await refused(test, [listener('a', {}, { resourceVersion: 'of another system' })], { code: 'CONFLICT' })
    await apply(test, [listener('a', { routingKey: 'x' })])
    assert.equal(test.engine.read.resource('Listener', 'west', 'a')?.spec.port, 80, 'without one, who writes last wins')
  })

  it('rejects the uid of another resource', async () => {
    await using test = await TestEngine.start()
    await apply(test, [at('a', 80)])
    await refused(test, [listener('a', {}, { uid: 'other' })], { code: 'CONFLICT' })
    await apply(test, [listener('a', {}, { uid: versionOf(test).uid })])
  })

  it('accepts it after a change of status alone', async () => {
    await using test = await TestEngine.start()
    await apply(test, [at('a', 80)])
    const version = versionOf(test)
    assert.deepEqual(
      (await apply(test, [listener('a', {}, version)])).map(({ action }) => action),
      ['Unchanged'],
    )
    await apply(test, [manifest('Connector', 'a', { routingKey: 'a', host: '10.0.0.1', port: 80 })])
    assert.notEqual(versionOf(test).resourceVersion, version.resourceVersion, 'it matches')
    await apply(test, [listener('a', { port: 81 }, version)])
    assert.deepEqual(portsOf(test), { a: 81 })
  })

  it('rejects it after a concurrent change', async () => {
    await using test = await TestEngine.start()
    await apply(test, [at('a', 80)])
    await interfere(test, 'endpoint-west.shop:81', updateRoutingKey('a', 'y'))
    await assert.rejects(apply(test, [listener('a', { port: 81 }, versionOf(test))]), { code: 'CONFLICT' })
    assert.equal(test.engine.read.resource('Listener', 'west', 'a')?.spec.routingKey, 'y')
  })

  it('creates a missing resource', async () => {
    await using test = await TestEngine.start()
    await apply(test, [listener('a', {}, { uid: 'other', resourceVersion: '12' })])
    assert.deepEqual(portsOf(test), { a: 80 })
  })

  it('exchanges ports with another listener', async () => {
    await using test = await TestEngine.start()
    await apply(test, [at('a', 80), at('b', 81)])
    const [a, b] = [versionOf(test, 'a'), versionOf(test, 'b')]
    await apply(test, [listener('a', { port: 81 }, a), listener('b', { port: 80 }, b)])
    assert.deepEqual(portsOf(test), { a: 81, b: 80 })
  })
})
