import assert from 'node:assert/strict'
import { fileURLToPath } from 'node:url'
import { RouterRefusal } from '../../../src/router/amqp/management.ts'
import { type Declare, freePort, type Scene, TYPE } from './fixtures.ts'

const LISTENER = TYPE('tcpListener')

export const refusal = (statusCode: number, words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof RouterRefusal, String(error))
  assert.equal(error.statusCode, statusCode)
  assert.match(error.message, words)
  return true
}

const listenerNamed = async ({ router }: Scene, name: string) =>
  (await router.management.query(LISTENER)).find(entity => entity.name === name)

/** What management answers. */
export const managing = (it: Declare): void => {
  it('creates a listener and returns all of it', async scene => {
    const { router, key, create } = scene
    const port = await freePort()
    const entity = await create(router, 'tcpListener', key, { host: '127.0.0.1', port: `${port}`, address: key })
    assert.equal(entity.name, key)
    assert.equal(entity.port, `${port}`)
    assert.equal(entity.address, key)
    assert.equal(entity.observer, 'auto')
    assert.equal(entity.operStatus, 'down')
    assert.equal(entity.connectionMsg, '')
  })

  it('returns entities with the requested attributes', async scene => {
    const { router, key, create } = scene
    await create(router, 'tcpListener', key, { host: '127.0.0.1', port: '5000', address: key })
    const all = await router.management.query(LISTENER, ['name', 'port'])
    assert.deepEqual(
      all.find(({ name }) => name === key),
      { name: key, port: '5000' },
    )
    const whole = await listenerNamed(scene, key)
    assert.equal(whole?.authenticatePeer, false)
    assert.equal(whole?.type, LISTENER)
    assert.equal('sslProfile' in (whole ?? {}), false)
  })

  it('returns its id, and the routers of the network', async ({ router }) => {
    const [self] = await router.management.query(TYPE('router'), ['id', 'mode'])
    assert.equal(typeof self?.id, 'string')
    const nodes = await router.management.query(TYPE('router.node'), ['id'])
    assert.ok(nodes.some(({ id }) => id === self?.id))
    assert.ok(nodes.length >= 2)
  })

  it('deletes a listener, and refuses to delete it again', async ({ router, key, create }) => {
    await create(router, 'tcpListener', key, { host: '127.0.0.1', port: '5000', address: key })
    await router.management.delete(LISTENER, key)
    await assert.rejects(
      router.management.delete(LISTENER, key),
      refusal(404, new RegExp(`No entity with name=${key}`)),
    )
  })

  it('refuses an existing name', async ({ router, key, create }) => {
    const attributes = { host: '127.0.0.1', port: '5000', address: key }
    await create(router, 'tcpListener', key, attributes)
    await assert.rejects(
      router.management.create(LISTENER, key, attributes),
      refusal(400, /^adding TcpListenerEntity\(.*\) duplicates unique attribute 'name' /),
    )
  })

  it('refuses an existing name of another type', async ({ router, key, create }) => {
    await create(router, 'tcpConnector', key, { host: '127.0.0.1', port: '5000', address: key })
    await assert.rejects(
      router.management.create(LISTENER, key, { host: '127.0.0.1', port: '5000', address: key }),
      refusal(400, /duplicates unique attribute 'name' from existing TcpConnectorEntity/),
    )
  })

  const refused: readonly (readonly [string, Record<string, unknown>, number, RegExp])[] = [
    [
      'an unknown observer',
      { address: 'a', port: '5000', observer: 'foo' },
      400,
      /Invalid value for enum\['none', 'auto', 'http1', 'http2'\]: 'foo'/,
    ],
    ['an unknown attribute', { address: 'a', port: '5000', foo: 1 }, 400, /Unknown attribute 'foo' for/],
    ['a listener without address', { port: '5000' }, 500, /Exactly one of the 'address' or 'multiAddressStrategy'/],
    ['a listener without port', { address: 'a' }, 500, /KeyError: \('port',\)/],
    [
      'an unknown profile',
      { address: 'a', port: '5000', sslProfile: 'nope' },
      500,
      /CError: Not found: sslProfile 'nope' not found/,
    ],
  ]
  for (const [what, attributes, statusCode, words] of refused) {
    it(`refuses ${what}`, async scene => {
      await assert.rejects(
        scene.router.management.create(LISTENER, scene.key, { host: '127.0.0.1', ...attributes }),
        refusal(statusCode, words),
      )
      assert.equal(await listenerNamed(scene, scene.key), undefined)
    })
  }

  it('refuses an unknown type', async ({ router }) => {
    await assert.rejects(router.management.create(TYPE('nothing'), 'x', {}), refusal(400, /No such entity type/))
  })

  it('creates a profile whose files are missing, and refuses a listener that names it', async scene => {
    const { router, key, create } = scene
    await create(router, 'sslProfile', key, {
      caCertFile: `/nowhere/${key}/ca.crt`,
      certFile: `/nowhere/${key}/tls.crt`,
      privateKeyFile: `/nowhere/${key}/tls.key`,
    })
    await assert.rejects(
      create(router, 'tcpListener', `listener/${key}`, {
        host: '127.0.0.1',
        port: '5000',
        address: key,
        sslProfile: key,
      }),
      refusal(
        500,
        new RegExp(`Failed to configure TLS caCertFile /nowhere/${key}/ca.crt for sslProfile '${key}': \\(-1\\)`),
      ),
    )
    await router.management.delete(TYPE('sslProfile'), key)
  })

  it('reads one entity', async ({ router, bare, key, create }) => {
    await create(router, 'tcpListener', key, { host: '127.0.0.1', port: '5000', address: key })
    const { statusCode, body } = await bare.ask({ operation: 'READ', type: LISTENER, name: key })
    assert.equal(statusCode, 200)
    assert.equal((body as { port: string }).port, '5000')
    const missing = await bare.ask({ operation: 'READ', type: LISTENER, name: 'none' })
    assert.equal(missing.statusCode, 404)
  })

  it('refuses to change the port of a listener', async ({ router, bare, key, create }) => {
    await create(router, 'tcpListener', key, { host: '127.0.0.1', port: '5000', address: key })
    const answer = await bare.ask({ operation: 'UPDATE', type: LISTENER, name: key }, { port: '5001' })
    assert.equal(answer.statusCode, 400)
    assert.match(answer.statusDescription, /Cannot update attribute 'port' in UPDATE/)
  })

  it('accepts any new ordinal of a profile', async scene => {
    const { router, key, create } = scene
    const file = (name: string): string => fileURLToPath(new URL(`../../fixtures/tls/${name}`, import.meta.url))
    const files = { caCertFile: file('ca.crt'), certFile: file('router.crt'), privateKeyFile: file('router.key') }
    await create(router, 'sslProfile', key, files)
    const held = async () => (await router.management.query(TYPE('sslProfile'))).find(({ name }) => name === key)
    assert.equal((await held())?.ordinal ?? null, null)
    for (const ordinal of [1_799_999_999_123, 7]) {
      await router.management.update(TYPE('sslProfile'), key, { ordinal })
      assert.equal(Number((await held())?.ordinal), ordinal)
    }
    assert.equal((await held())?.certFile, files.certFile)
  })

  it('responds to many concurrent requests', async ({ router, key }) => {
    const names = Array.from({ length: 300 }, (_, index) => `${key}-${index}`)
    const attributes = { host: '127.0.0.1', port: '5000', address: key }
    const made = await Promise.all(names.map(name => router.management.create(LISTENER, name, attributes)))
    assert.deepEqual(
      made.map(({ name }) => name),
      names,
    )
    await Promise.all(names.map(name => router.management.delete(LISTENER, name)))
    const left = await router.management.query(LISTENER, ['name'])
    assert.deepEqual(
      left.filter(({ name }) => String(name).startsWith(key)),
      [],
    )
  })
}
