import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freePort } from '../contract/router/scene.ts'
import { eventually } from '../eventually.ts'
import { EAST, Stage, WEST } from './stage.ts'

const CONFIG_AT = `query ($at: Moment) { routerConfig(namespace: "${WEST}", at: $at) { entities { type name attributes } } }`

const profileOf = (stage: Stage, name: string) =>
  stage.west.reports('sslProfile').find(profile => profile.name === name)

test('bundles are where the setting of the router says, from then on and not before', async () => {
  await using stage = await Stage.start({ fileExists: () => true })
  await stage.createListener('secret', { port: await freePort(), tlsCredentials: 'secret-tls' })
  await eventually(() => profileOf(stage, 'secret-tls') !== undefined)
  assert.equal(profileOf(stage, 'secret-tls')?.caCertFile, '/etc/skupper-router-certs/secret-tls/ca.crt')
  const { head } = await stage.data('{ head }')
  await stage.stopHark()

  await stage.startHark({ [WEST]: { folder: '/run/certs', local: '/nowhere' } })
  await stage.connected()
  await eventually(() => profileOf(stage, 'secret-tls')?.caCertFile === '/run/certs/secret-tls/ca.crt')
  const told = async () =>
    (await stage.events(WEST)).filter(({ type }) => type === 'RouterCertificatesConfigured').map(({ data }) => data)
  assert.deepEqual(await told(), [{ namespace: WEST, folder: '/run/certs' }])

  const pathsAt = async (at: object | null) =>
    (await stage.data(CONFIG_AT, { at })).routerConfig.entities.flatMap(
      ({ attributes }: { attributes: { caCertFile?: string } }) => attributes.caCertFile ?? [],
    )
  assert.deepEqual(await pathsAt(null), ['/run/certs/secret-tls/ca.crt'])
  assert.deepEqual(await pathsAt({ position: head }), ['/etc/skupper-router-certs/secret-tls/ca.crt'])

  // The same setting again is no news.
  await stage.stopHark()
  await stage.startHark({ [WEST]: { folder: '/run/certs', local: '/nowhere' } })
  await stage.connected()
  assert.equal((await told()).length, 1)
})

test('a connector that shows no certificate has a profile of authorities alone at its router', async () => {
  const authorities = '/etc/skupper-router-certs/backend-tls/ca.crt'
  await using stage = await Stage.start({ fileExists: path => path === authorities })
  await stage.createConnector('backend', { tlsCredentials: 'backend-tls' })
  const connector = () => stage.east.reports('tcpConnector').find(({ name }) => name === 'connector/backend')
  await eventually(() => connector() !== undefined)
  assert.equal(connector()?.sslProfile, 'backend-tls-profile')
  const [profile] = stage.east.reports('sslProfile')
  assert.deepEqual(
    [profile?.caCertFile, profile?.certFile, profile?.privateKeyFile],
    [authorities, undefined, undefined],
  )
  const said = async () => (await stage.events(EAST)).map(({ type }) => type)
  await eventually(async () => (await said()).includes('ConnectorAccepted'))
  assert.ok(!(await said()).includes('ConnectorRefused'))
})
