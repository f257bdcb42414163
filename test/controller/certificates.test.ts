import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import tls from 'node:tls'
import { freePort } from '../contract/router/fixtures.ts'
import { eventually } from '../fakes/virtual-clock.ts'
import { conditionOf, EAST, isReady, RouterTestbed, WEST } from '../support/router-testbed.ts'
import { scratchFolder } from '../support/scratch-folder.ts'

const CONFIG_AT = `query ($at: Moment) { routerConfig(namespace: "${WEST}", at: $at) { entities { type name attributes } } }`

const profileOf = (testbed: RouterTestbed, name: string) =>
  testbed.west.reports('sslProfile').find(profile => profile.name === name)

test("TLS credentials › are read from the folder in the router's settings, from the event that records it", async () => {
  await using testbed = await RouterTestbed.start({ fileExists: () => true })
  await testbed.createListener('secret', { port: await freePort(), tlsCredentials: 'secret-tls' })
  await eventually(() => profileOf(testbed, 'secret-tls') !== undefined)
  assert.equal(profileOf(testbed, 'secret-tls')?.caCertFile, '/etc/skupper-router-certs/secret-tls/ca.crt')
  const { head } = await testbed.data('{ head }')
  await testbed.stopHark()

  await testbed.startHark({ [WEST]: { folder: '/run/certs', local: '/nowhere' } })
  await testbed.connected()
  await eventually(() => profileOf(testbed, 'secret-tls')?.caCertFile === '/run/certs/secret-tls/ca.crt')
  const folders = async () =>
    (await testbed.events(WEST)).filter(({ type }) => type === 'RouterCertificatesConfigured').map(({ data }) => data)
  assert.deepEqual(await folders(), [{ namespace: WEST, folder: '/run/certs' }])

  const pathsAt = async (at: object | null) =>
    (await testbed.data(CONFIG_AT, { at })).routerConfig.entities.flatMap(
      ({ attributes }: { attributes: { caCertFile?: string } }) => attributes.caCertFile ?? [],
    )
  assert.deepEqual(await pathsAt(null), ['/run/certs/secret-tls/ca.crt'])
  assert.deepEqual(await pathsAt({ position: head }), ['/etc/skupper-router-certs/secret-tls/ca.crt'])

  // The same setting again is no news.
  await testbed.stopHark()
  await testbed.startHark({ [WEST]: { folder: '/run/certs', local: '/nowhere' } })
  await testbed.connected()
  assert.equal((await folders()).length, 1)
})

test('TLS credentials › give a connector without a client certificate a profile of authorities alone', async () => {
  const authorities = '/etc/skupper-router-certs/backend-tls/ca.crt'
  await using testbed = await RouterTestbed.start({ fileExists: path => path === authorities })
  await testbed.createConnector('backend', { tlsCredentials: 'backend-tls' })
  const connector = () => testbed.east.reports('tcpConnector').find(({ name }) => name === 'connector/backend')
  await eventually(() => connector() !== undefined)
  assert.equal(connector()?.sslProfile, 'backend-tls-profile')
  const [profile] = testbed.east.reports('sslProfile')
  assert.deepEqual(
    [profile?.caCertFile, profile?.certFile, profile?.privateKeyFile],
    [authorities, undefined, undefined],
  )
  const types = async () => (await testbed.events(EAST)).map(({ type }) => type)
  await eventually(async () => (await types()).includes('ConnectorAccepted'))
  assert.ok(!(await types()).includes('ConnectorRefused'))
})

/** A folder of bundles that Hark and the simulated router both see. */
const bundles = async () => {
  const folder = await scratchFolder()
  const put = async (bundle: string, files: Readonly<Record<string, string>>) => {
    await mkdir(join(folder.path, bundle), { recursive: true })
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder.path, bundle, name), text)
  }
  return { path: folder.path, put, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
}
const pem = (name: string): string => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), 'utf8')
const ROUTER = { 'ca.crt': pem('ca.crt'), 'tls.crt': pem('router.crt'), 'tls.key': pem('router.key') }
const OTHER = { 'ca.crt': pem('ca.crt'), 'tls.crt': pem('hark.crt'), 'tls.key': pem('hark.key') }

/** The name that a listener shows its clients. */
const shownBy = async (port: number): Promise<string | undefined> => {
  const socket = tls.connect({ host: '127.0.0.1', port, rejectUnauthorized: false })
  try {
    await once(socket, 'secureConnect')
    return String(socket.getPeerCertificate().subject.CN)
  } catch {
    return undefined
  } finally {
    socket.destroy()
  }
}
const nameIn = (certificate: string) => new X509Certificate(certificate).subject.replace(/^CN=/, '')

test('TLS credentials › are read again after a rotation, also during a stop, without an event', async () => {
  await using folder = await bundles()
  await folder.put('rotated', ROUTER)
  const certificates = { folder: folder.path, local: folder.path }
  await using testbed = await RouterTestbed.start()
  await testbed.stopHark()
  await testbed.startHark({ [WEST]: certificates })
  const port = await freePort()
  const watch = await testbed.watch('rotated')
  await testbed.createConnector('rotated')
  await testbed.createListener('rotated', { port, tlsCredentials: 'rotated' })
  await watch.until(isReady)
  assert.equal(await shownBy(port), nameIn(ROUTER['tls.crt']))

  const before = (await testbed.events(WEST)).length
  await folder.put('rotated', OTHER)
  await eventually(async () => (await shownBy(port)) === nameIn(OTHER['tls.crt']))
  assert.equal((await testbed.events(WEST)).length, before)
  assert.equal(testbed.west.creationCount('listener/rotated'), 1)

  await testbed.stopHark()
  await folder.put('rotated', ROUTER)
  await testbed.startHark({ [WEST]: certificates })
  await eventually(async () => (await shownBy(port)) === nameIn(ROUTER['tls.crt']))
  assert.equal(testbed.west.creationCount('listener/rotated'), 1)
})

test('TLS credentials › are reported as unfit by apply and in the status, until they are fit', async () => {
  await using folder = await bundles()
  await folder.put('broken', { ...ROUTER, 'tls.key': OTHER['tls.key'] })
  await using testbed = await RouterTestbed.start({ fileExists: () => true })
  await testbed.stopHark()
  await testbed.startHark({ [WEST]: { folder: '/certs', local: folder.path } })
  const fault = `TLS credentials broken: tls.key is not the key of tls.crt in ${join(folder.path, 'broken')}`
  const apply = async (tlsCredentials: string) => {
    const spec = { routingKey: 'broken', host: '127.0.0.1', port: await freePort(), tlsCredentials }
    const manifests = [
      {
        apiVersion: 'skupper.io/v2alpha1',
        kind: 'Listener',
        metadata: { name: tlsCredentials, namespace: WEST },
        spec,
      },
    ]
    const query = 'mutation ($input: ApplyInput!) { apply(input: $input) { results { action message } } }'
    return (await testbed.data(query, { input: { manifests } })).apply.results[0]
  }
  const watch = await testbed.watch('broken')
  assert.deepEqual(await apply('broken'), { action: 'Created', message: fault })
  const { listener } = await watch.until(given => conditionOf(given, 'Configured').reason === 'Error')
  assert.equal(conditionOf(listener, 'Configured').message, fault)
  await folder.put('broken', ROUTER)
  await watch.until(given => conditionOf(given, 'Configured').status === 'True')

  assert.match((await apply('absent')).message, /^TLS credentials absent: tls\.crt is missing in /)
  await folder.put('fit', ROUTER)
  assert.deepEqual(await apply('fit'), { action: 'Created', message: '' })
})

test('TLS credentials › need no authorities for a listener, and use them once they exist', async () => {
  await using folder = await bundles()
  const { 'ca.crt': authorities, ...pair } = ROUTER
  await folder.put('pair', pair)
  await using testbed = await RouterTestbed.start()
  await testbed.stopHark()
  await testbed.startHark({ [WEST]: { folder: folder.path, local: folder.path } })
  const port = await freePort()
  const watch = await testbed.watch('pair')
  await testbed.createConnector('pair')
  await testbed.createListener('pair', { port, tlsCredentials: 'pair' })
  await watch.until(isReady)
  assert.equal(await shownBy(port), nameIn(ROUTER['tls.crt']))
  assert.ok(!watch.changes.some(({ listener }) => listener.status.status === 'Error'))
  assert.equal(profileOf(testbed, 'pair')?.caCertFile, undefined)
  await folder.put('pair', { 'ca.crt': authorities })
  await eventually(() => profileOf(testbed, 'pair')?.caCertFile === join(folder.path, 'pair', 'ca.crt'))
})
