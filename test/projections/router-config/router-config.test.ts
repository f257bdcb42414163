import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { entitiesOf, routerConfig, skrouterdJson } from '../../../projections/router-config/router-config.ts'
import { type RouterEntity, routerEntities } from '../../../schemas/router-entities.ts'
import {
  connectorCreated,
  connectorDeleted,
  connectorUpdated,
  hostUpdated,
  listenerCreated,
  listenerDeleted,
  portUpdated,
  routingKeyUpdated,
  siteCreated,
  siteUpdated,
} from '../../support/domain/event-builders.ts'
import { connectorSpec } from '../../support/domain/specs.ts'
import { type Told, tablesAfter } from '../../support/projections/recorded.ts'
import { certificatesConfigured } from '../../support/projections/router-facts.ts'

const entitiesAfter = (...events: readonly Told[]): RouterEntity[] => {
  const entities = entitiesOf(tablesAfter(routerConfig, ...events), 'west')
  for (const { type, name, attributes } of entities)
    assert.deepEqual(routerEntities[type].parse(attributes), attributes, `${type} ${name}`)
  return entities
}

/** The attributes of every entity of a type. */
const attributesOf = (type: RouterEntity['type'], ...events: readonly Told[]): object[] =>
  entitiesAfter(...events).flatMap(entity => (entity.type === type ? [entity.attributes] : []))

describe("a router's configuration", () => {
  it('has what every router of Hark has, before anything is declared', () => {
    assert.deepEqual(entitiesAfter(), [
      { type: 'router', name: 'west', attributes: { id: 'west', mode: 'interior' } },
      { type: 'site', name: 'west', attributes: { name: 'west', namespace: 'west' } },
      {
        type: 'listener',
        name: 'amqp',
        attributes: { name: 'amqp', role: 'normal', host: '127.0.0.1', port: '5672' },
      },
      { type: 'address', name: 'mc', attributes: { prefix: 'mc', distribution: 'multicast' } },
    ])
  })

  it('has the identity of its site once that is known', () => {
    const known = attributesOf('router', siteCreated())
    assert.deepEqual(known, [
      { id: 'west-site', mode: 'interior', metadata: JSON.stringify({ id: 'site-uid', version: 'hark' }) },
    ])
    assert.deepEqual(attributesOf('site', siteCreated()), [{ name: 'west-site', namespace: 'west' }])
  })

  it('is that of an edge router where the site is one', () => {
    const modes = (...events: readonly Told[]) =>
      attributesOf('router', ...events).map(attributes => (attributes as { mode: string }).mode)
    assert.deepEqual(modes(siteCreated({ edge: true })), ['edge'])
    assert.deepEqual(modes(siteCreated(), siteUpdated(2, {}, { edge: true })), ['edge'])
    assert.deepEqual(modes(siteCreated({ edge: true }), siteUpdated(2, { edge: true }, {})), ['interior'])
  })

  it('has nothing of another namespace', () => {
    const east = { namespace: 'east' }
    const elsewhere = [
      listenerCreated({ tlsCredentials: 'certs' }, east),
      connectorCreated({}, east),
      siteCreated({ edge: true }, east),
    ]
    assert.deepEqual(entitiesAfter(...elsewhere), entitiesAfter())
  })

  it('is in an order of its own, whatever came first', () => {
    const b = { name: 'b' }
    const events = [
      listenerCreated({ tlsCredentials: 'certs' }, b),
      connectorCreated(),
      listenerCreated({ port: 9090 }),
      connectorCreated({ tlsCredentials: 'a-certs', useClientCert: true }, b),
    ]
    const names = entitiesAfter(...events).map(({ type, name }) => `${type} ${name}`)
    assert.deepEqual(names.slice(4), [
      'sslProfile a-certs',
      'sslProfile certs',
      'tcpListener listener/b',
      'tcpListener listener/backend',
      'tcpConnector connector/b',
      'tcpConnector connector/backend',
    ])
    assert.deepEqual(entitiesAfter(...events.toReversed()), entitiesAfter(...events))
  })
})

describe("a listener in its router's configuration", () => {
  const listeners = (...events: readonly Told[]) => attributesOf('tcpListener', ...events)
  const backend = {
    name: 'listener/backend',
    host: 'backend',
    port: '8080',
    address: 'backend',
    observer: 'auto',
  }

  it('is a tcpListener', () => {
    assert.deepEqual(listeners(listenerCreated()), [backend])
  })

  it('tells the site that it belongs to, whichever came first', () => {
    assert.deepEqual(listeners(siteCreated(), listenerCreated()), [{ ...backend, siteId: 'site-uid' }])
    assert.deepEqual(listeners(listenerCreated(), siteCreated()), [{ ...backend, siteId: 'site-uid' }])
  })

  it('follows each change', () => {
    const changes = [
      routingKeyUpdated(2, 'backend', 'api'),
      hostUpdated(3, 'backend', '::1'),
      portUpdated(4, 8080, 9090),
    ]
    assert.deepEqual(listeners(listenerCreated({ tlsCredentials: 'certs' }), ...changes), [
      { ...backend, address: 'api', host: '::1', port: '9090', sslProfile: 'certs' },
    ])
  })

  it('has the observer that it asks for', () => {
    assert.deepEqual(listeners(listenerCreated({ settings: { observer: 'http2' } })), [
      { ...backend, observer: 'http2' },
    ])
  })

  it('is left out where it is not of TCP, also once it changes', () => {
    assert.deepEqual(listeners(listenerCreated({ type: 'udp' }), portUpdated(2, 8080, 9090)), [])
  })

  it('is gone once it is deleted', () => {
    assert.deepEqual(listeners(listenerCreated(), listenerDeleted()), [])
  })
})

describe("a connector in its router's configuration", () => {
  const connectors = (...events: readonly Told[]) => attributesOf('tcpConnector', ...events)
  const backend = { name: 'connector/backend', host: 'backend.internal', port: '8080', address: 'backend' }
  const { host: _, ...withoutHost } = connectorSpec()
  const selecting = { ...withoutHost, selector: 'app=backend' }

  it('is a tcpConnector', () => {
    assert.deepEqual(connectors(connectorCreated()), [backend])
    const secured = { tlsCredentials: 'certs', useClientCert: true }
    assert.deepEqual(connectors(siteCreated(), connectorCreated(secured)), [
      { ...backend, siteId: 'site-uid', sslProfile: 'certs' },
    ])
  })

  it('says that the host name is not to be verified, and is silent where it is', () => {
    assert.deepEqual(connectors(connectorCreated({ verifyHostname: false })), [{ ...backend, verifyHostname: false }])
  })

  it('follows each change', () => {
    const changed = connectorUpdated(2, connectorSpec(), connectorSpec({ routingKey: 'api', port: 9090 }))
    assert.deepEqual(connectors(connectorCreated(), changed), [{ ...backend, address: 'api', port: '9090' }])
  })

  it('is left out where only a cluster knows the pods that it selects', () => {
    const toSelector = connectorUpdated(2, connectorSpec(), selecting)
    const toHost = connectorUpdated(3, selecting, connectorSpec())
    assert.deepEqual(connectors(connectorCreated(), toSelector), [])
    assert.deepEqual(connectors(connectorCreated(), toSelector, toHost), [backend])
  })

  it('is left out where it is not of TCP', () => {
    assert.deepEqual(connectors(connectorCreated({ type: 'udp' })), [])
  })

  it('is gone once it is deleted', () => {
    assert.deepEqual(connectors(connectorCreated(), connectorDeleted()), [])
  })
})

describe('TLS credentials', () => {
  const profiles = (...events: readonly Told[]) => attributesOf('sslProfile', ...events)
  const certs = { tlsCredentials: 'certs' }
  const clientCert = { ...certs, useClientCert: true }
  const other = { name: 'other' }
  const profile = {
    name: 'certs',
    caCertFile: '/etc/skupper-router-certs/certs/ca.crt',
    certFile: '/etc/skupper-router-certs/certs/tls.crt',
    privateKeyFile: '/etc/skupper-router-certs/certs/tls.key',
  }

  it('are one sslProfile, however many use them', () => {
    assert.deepEqual(profiles(listenerCreated(certs), listenerCreated(certs, other), connectorCreated(clientCert)), [
      profile,
    ])
  })

  it('belong to no site, though their users do', () => {
    assert.deepEqual(profiles(listenerCreated(certs), siteCreated()), [profile])
  })

  it('are gone once nothing uses them, and not before', () => {
    const users = [listenerCreated(certs), connectorCreated(clientCert)]
    assert.deepEqual(profiles(...users, listenerDeleted()), [profile])
    assert.deepEqual(profiles(...users, connectorDeleted()), [profile])
    assert.deepEqual(profiles(...users, listenerDeleted(), connectorDeleted()), [])
  })

  it('are there again with the next that uses them', () => {
    assert.deepEqual(profiles(listenerCreated(certs), listenerDeleted(), connectorCreated(clientCert)), [profile])
  })

  describe('of a connector that shows no certificate', () => {
    const authorities = { name: 'certs-profile', caCertFile: '/etc/skupper-router-certs/certs/ca.crt' }
    const profileOf = (...events: readonly Told[]) =>
      attributesOf('tcpConnector', ...events).map(attributes => (attributes as { sslProfile?: string }).sslProfile)

    it('are a profile with nothing but the authorities', () => {
      assert.deepEqual(profiles(connectorCreated(certs)), [authorities])
      assert.deepEqual(profileOf(connectorCreated(certs)), ['certs-profile'])
    })

    it('are a profile beside the whole one, each for as long as something uses it', () => {
      const both = [listenerCreated(certs), connectorCreated(certs)]
      assert.deepEqual(profiles(...both), [profile, authorities])
      assert.deepEqual(profiles(...both, connectorDeleted()), [profile])
      assert.deepEqual(profiles(...both, listenerDeleted()), [authorities])
    })

    it('become the whole one with a connector that shows its certificate', () => {
      const [before, after] = [connectorSpec(certs), connectorSpec(clientCert)]
      const changed = connectorUpdated(2, before, after)
      assert.deepEqual(profiles(connectorCreated(certs), changed), [profile])
      assert.deepEqual(profiles(connectorCreated(certs), changed, connectorUpdated(3, after, before)), [authorities])
    })

    describe('and a bundle that bears the name of their profile', () => {
      const namesake = listenerCreated({ tlsCredentials: 'certs-profile' })
      const folder = '/etc/skupper-router-certs/certs-profile'
      const ofNamesake = {
        name: 'certs-profile',
        caCertFile: `${folder}/ca.crt`,
        certFile: `${folder}/tls.crt`,
        privateKeyFile: `${folder}/tls.key`,
      }
      const aside = { ...authorities, name: 'certs_profile' }
      const second = connectorCreated(certs, { name: 'second' })

      it('are two profiles, whichever came first', () => {
        for (const events of [
          [namesake, connectorCreated(certs), second],
          [connectorCreated(certs), namesake, second],
          [connectorCreated(certs), second, namesake],
        ]) {
          assert.deepEqual(profiles(...events), [ofNamesake, aside])
          assert.deepEqual(profileOf(...events), ['certs_profile', 'certs_profile'])
        }
      })

      it('have the usual name again once that is free', () => {
        const freed = [connectorCreated(certs), namesake, second, listenerDeleted()]
        assert.deepEqual(profiles(...freed), [authorities])
        assert.deepEqual(profileOf(...freed), ['certs-profile', 'certs-profile'])
      })

      it('have the usual name when the connector itself gives it up', () => {
        const [before, after] = [
          connectorSpec({ tlsCredentials: 'certs-profile', useClientCert: true }),
          connectorSpec(certs),
        ]
        assert.deepEqual(profileOf(connectorCreated(before), connectorUpdated(2, before, after)), ['certs-profile'])
        assert.deepEqual(profiles(connectorCreated(before), connectorUpdated(2, before, after)), [authorities])
      })
    })
  })

  describe('in a folder of the router', () => {
    const moved = { ...profile, caCertFile: '/run/certs/certs/ca.crt', certFile: '/run/certs/certs/tls.crt' }
    const expected = [{ ...moved, privateKeyFile: '/run/certs/certs/tls.key' }]

    it('are where the router finds them, whichever was told first', () => {
      assert.deepEqual(profiles(certificatesConfigured('/run/certs'), listenerCreated(certs)), expected)
      assert.deepEqual(profiles(listenerCreated(certs), certificatesConfigured('/run/certs')), expected)
    })

    it('are where they were for a router of another namespace', () => {
      assert.deepEqual(profiles(listenerCreated(certs), certificatesConfigured('/run/certs', { namespace: 'east' })), [
        profile,
      ])
    })

    it('have the authorities alone where only those are used', () => {
      assert.deepEqual(profiles(connectorCreated(certs), certificatesConfigured('/run/certs')), [
        { name: 'certs-profile', caCertFile: '/run/certs/certs/ca.crt' },
      ])
    })
  })

  it('of what is left out of the router are left out too', () => {
    assert.deepEqual(profiles(listenerCreated({ ...certs, type: 'udp' })), [])
  })
})

describe('skrouterd.json', () => {
  it('is a list of pairs of type and attributes', () => {
    const entities = entitiesAfter(siteCreated(), listenerCreated({ tlsCredentials: 'certs' }))
    const json = skrouterdJson(entities)
    assert.deepEqual(
      JSON.parse(json),
      entities.map(({ type, attributes }) => [type, attributes]),
    )
    assert.ok(json.endsWith(']\n'))
  })
})
