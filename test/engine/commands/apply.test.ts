import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { API_VERSION } from '../../../schemas/resources/kinds.ts'
import { createListener, deleteListener, updatePort } from '../../support/commands.ts'
import { ALICE, TestEngine } from '../../support/test-engine.ts'

const manifest = (kind: string, name: string, spec: object, namespace = 'west') => ({
  apiVersion: API_VERSION,
  kind,
  metadata: { name, namespace },
  spec,
})
const listener = (name: string, spec: object = {}) =>
  manifest('Listener', name, { routingKey: 'backend', host: name, port: 8080, ...spec })
const connector = (name: string, spec: object = {}) =>
  manifest('Connector', name, { routingKey: 'backend', host: '10.0.0.1', port: 8080, ...spec })
const site = (spec: object = {}) => manifest('Site', 'west-site', spec)
const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'certs' } }

type Given = Omit<Parameters<TestEngine['engine']['apply']>[1], 'caller'>

const apply = (test: TestEngine, manifests: readonly unknown[], options: Given = {}) =>
  test.engine.apply(manifests, { caller: ALICE, ...options })

const actions = async (...given: Parameters<typeof apply>): Promise<string[]> =>
  (await apply(...given)).map(({ action, kind, name }) => `${action} ${kind} ${name}`)

describe('apply', () => {
  it('returns Created, Configured, Unchanged or Skipped for each manifest, in order', async () => {
    await using test = await TestEngine.start()
    assert.deepEqual(await actions(test, [secret, listener('a'), connector('a'), site()]), [
      'Skipped Secret certs',
      'Created Listener a',
      'Created Connector a',
      'Created Site west-site',
    ])
    const again = [site({ edge: true }), listener('a', { port: 9090 }), connector('a'), secret, listener('b')]
    assert.deepEqual(await actions(test, again), [
      'Configured Site west-site',
      'Configured Listener a',
      'Unchanged Connector a',
      'Skipped Secret certs',
      'Created Listener b',
    ])
    const count = (await test.log()).length
    assert.deepEqual(
      (await apply(test, again)).map(({ action }) => action),
      ['Unchanged', 'Unchanged', 'Unchanged', 'Skipped', 'Unchanged'],
    )
    assert.equal((await test.log()).length, count)
  })

  it('increments the generation once for a manifest', async () => {
    await using test = await TestEngine.start()
    await apply(test, [listener('a')])
    await apply(test, [listener('a', { routingKey: 'api', host: '10.0.0.1', port: 9090 })])
    assert.equal(test.engine.read.resource('Listener', 'west', 'a')?.generation, 2)
    await test.run(updatePort('a', 9091))
    assert.equal(test.engine.read.resource('Listener', 'west', 'a')?.generation, 3)
  })

  it('uses the namespace of the request for manifests without one', async () => {
    await using test = await TestEngine.start()
    const { metadata: _, ...rest } = listener('a')
    const [result] = await apply(test, [{ ...rest, metadata: { name: 'a' } }], { namespace: 'east' })
    assert.equal(result?.namespace, 'east')
    assert.ok(test.engine.read.resource('Listener', 'east', 'a'))
  })

  it('resolves once the read side shows all changes', async () => {
    await using test = await TestEngine.start()
    const names = Array.from({ length: 300 }, (_, index) => `listener-${index}`)
    const results = await apply(
      test,
      names.map(name => listener(name)),
    )
    assert.equal(test.engine.read.resources('Listener', {}, { first: 1 }).totalCount, names.length)
    assert.deepEqual(
      results.map(({ name }) => name),
      names,
    )
    assert.ok(results.every(({ position }) => position !== undefined && position <= test.engine.read.head().position))
  })

  it('rejects all manifests if one is invalid, with every issue', async () => {
    await using test = await TestEngine.start()
    const manifests = [listener('a'), listener('b', { port: 0 }), connector('c', { selector: 'app=c', port: '80' })]
    await assert.rejects(apply(test, manifests), (error: { code: string; details: { fields: { path: string }[] } }) => {
      assert.equal(error.code, 'BAD_USER_INPUT')
      assert.deepEqual(error.details.fields.map(({ path }) => path).sort(), [
        'manifests[1].spec.port',
        'manifests[2].spec.host',
        'manifests[2].spec.port',
      ])
      return true
    })
    assert.deepEqual(await test.log(), [])
  })

  it('rejects all manifests if one is rejected, and names it', async () => {
    await using test = await TestEngine.start()
    await apply(test, [listener('a'), site()])
    const before = await test.log()
    await assert.rejects(apply(test, [listener('b'), listener('a', { tlsCredentials: 'certs' })]), {
      code: 'IMMUTABLE_FIELD',
      message: 'manifests[1]: spec.tlsCredentials cannot be changed: delete and create again',
    })
    await assert.rejects(apply(test, [listener('b', { host: 'a' })]), {
      code: 'ALREADY_EXISTS',
      message: /^manifests\[0\]: host a and port 8080 are taken in namespace west, by listener a$/,
    })
    await assert.rejects(apply(test, [listener('b'), { ...site(), metadata: { name: 'other', namespace: 'west' } }]), {
      code: 'ALREADY_EXISTS',
      message: /^manifests\[1\]: namespace west has a site already/,
    })
    assert.deepEqual(await test.log(), before)
  })
})

describe('apply with dryRun', () => {
  it('returns the results without appending events', async () => {
    await using test = await TestEngine.start()
    await apply(test, [listener('a'), listener('c')])
    const before = await test.log()
    const results = await apply(test, [listener('a', { port: 9090 }), listener('b'), listener('c'), secret], {
      dryRun: true,
    })
    assert.deepEqual(
      results.map(({ action, position }) => [action, position]),
      [
        ['Configured', undefined],
        ['Created', undefined],
        ['Unchanged', undefined],
        ['Skipped', undefined],
      ],
    )
    assert.deepEqual(await test.log(), before)
    assert.equal(test.engine.read.resource('Listener', 'west', 'a')?.spec.port, 8080)
  })

  it('rejects what apply would reject', async () => {
    await using test = await TestEngine.start()
    await apply(test, [listener('a')])
    await assert.rejects(apply(test, [listener('a', { exposePodsByName: true })], { dryRun: true }), {
      code: 'IMMUTABLE_FIELD',
    })
    await assert.rejects(apply(test, [listener('b', { host: 'A' })], { dryRun: true }), { code: 'ALREADY_EXISTS' })
  })
})

describe('apply repeated with its commandId', () => {
  const id = { commandId: 'apply-1' }

  it('returns the first results without appending events', async () => {
    await using test = await TestEngine.start()
    const manifests = [secret, listener('a'), connector('a'), site()]
    const first = await apply(test, manifests, id)
    await test.run(updatePort('a', 9090))
    const before = await test.log()
    assert.deepEqual(await apply(test, manifests, id), first)
    assert.deepEqual(await test.log(), before)
  })

  it('rejects other manifests', async () => {
    await using test = await TestEngine.start()
    await apply(test, [listener('a'), connector('c')], id)
    const before = await test.log()
    const reused = { code: 'CONFLICT', message: /^manifests\[1\]: commandId: "apply-1\/1" is the id of another/ }
    for (const dryRun of [true, false]) {
      await assert.rejects(apply(test, [listener('a'), connector('c', { port: 9090 })], { ...id, dryRun }), reused)
      await assert.rejects(apply(test, [listener('a'), listener('b')], { ...id, dryRun }), reused)
    }
    assert.deepEqual(await test.log(), before)
  })

  it('returns the first results even if the changes would now be rejected', async () => {
    await using test = await TestEngine.start()
    const first = await apply(test, [listener('a', { host: 'shop' })], id)
    await test.run(deleteListener('a'))
    await test.run(createListener('a', { host: 'other', tlsCredentials: 'certs' }))
    await test.run(createListener('b', { host: 'shop' }))
    assert.deepEqual(await apply(test, [listener('a', { host: 'shop' })], id), first)
  })
})
