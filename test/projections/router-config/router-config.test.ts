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
  siteDeleted,
  siteRenamed,
  siteUpdated,
} from '../../support/domain/event-builders.ts'
import { connectorSpec } from '../../support/domain/specs.ts'
import { type EventInput, tablesAfter } from '../../support/projections/recorded.ts'
import { certificatesConfigured } from '../../support/projections/router-facts.ts'

const entitiesAfter = (...events: readonly EventInput[]): RouterEntity[] => {
  const entities = entitiesOf(tablesAfter(routerConfig, ...events), 'west')
  for (const { type, name, attributes } of entities)
    assert.deepEqual(routerEntities[type].parse(attributes), attributes, `${type} ${name}`)
  return entities
}

/** The attributes of every entity of a type. */
const attributesOf = (type: RouterEntity['type'], ...events: readonly EventInput[]): object[] =>
  entitiesAfter(...events).flatMap(entity => (entity.type === type ? [entity.attributes] : []))

describe('routerConfig', () => {
  it('has the base entities before anything is declared', () => {
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

  it('has the id of its site once that is declared', () => {
    const known = attributesOf('router', siteCreated())
    assert.deepEqual(known, [
      { id: 'west-site', mode: 'interior', metadata: JSON.stringify({ id: 'site-uid', version: 'hark' }) },
    ])
    assert.deepEqual(attributesOf('site', siteCreated()), [{ name: 'west-site', namespace: 'west' }])
    const renamed = [siteCreated(), siteRenamed('west-site', 'new')] as const
    assert.deepEqual(attributesOf('site', ...renamed), [{ name: 'new', namespace: 'west' }])
    assert.deepEqual(attributesOf('router', ...renamed), [{ ...known[0], id: 'new' }])
  })

  it('has the mode edge for an edge site', () => {
    const modes = (...events: readonly EventInput[]) =>
      attributesOf('router', ...events).map(attributes => (attributes as { mode: string }).mode)
    assert.deepEqual(modes(siteCreated({ edge: true })), ['edge'])
    assert.deepEqual(modes(siteCreated(), siteUpdated(2, {}, { edge: true })), ['edge'])
    assert.deepEqual(modes(siteCreated({ edge: true }), siteUpdated(2, { edge: true }, {})), ['interior'])
  })

  it('is separate for each namespace', () => {
    const east = { namespace: 'east' }
    const elsewhere = [
      listenerCreated({ tlsCredentials: 'certs' }, east),
      connectorCreated({}, east),
      siteCreated({ edge: true }, east),
    ]
    assert.deepEqual(entitiesAfter(...elsewhere), entitiesAfter())
  })

  it('is sorted independently of the order of events', () => {
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

describe('routerConfig: listeners', () => {
  const listeners = (...events: readonly EventInput[]) => attributesOf('tcpListener', ...events)
  const backend = {
    name: 'listener/backend',
    host: 'backend',
    port: '8080',
    address: 'backend',
    observer: 'auto',
  }

  it('adds a tcpListener', () => {
    assert.deepEqual(listeners(listenerCreated()), [backend])
  })

  it('has the siteId, declared before or after the listener', () => {
    assert.deepEqual(listeners(siteCreated(), listenerCreated()), [{ ...backend, siteId: 'site-uid' }])
    assert.deepEqual(listeners(listenerCreated(), siteCreated()), [{ ...backend, siteId: 'site-uid' }])
    assert.deepEqual(listeners(listenerCreated(), siteCreated(), siteDeleted()), [backend])
  })

  it('applies each change', () => {
    const changes = [
      routingKeyUpdated(2, 'backend', 'api'),
      hostUpdated(3, 'backend', '::1'),
      portUpdated(4, 8080, 9090),
    ]
    assert.deepEqual(listeners(listenerCreated({ tlsCredentials: 'certs' }), ...changes), [
      { ...backend, address: 'api', host: '::1', port: '9090', sslProfile: 'certs' },
    ])
  })

  it('has the observer of the spec', () => {
    assert.deepEqual(listeners(listenerCreated({ settings: { observer: 'http2' } })), [
      { ...backend, observer: 'http2' },
    ])
  })

  it('omits listeners of another type than tcp, also after changes', () => {
    assert.deepEqual(listeners(listenerCreated({ type: 'udp' }), portUpdated(2, 8080, 9090)), [])
  })

  it('removes it after its deletion', () => {
    assert.deepEqual(listeners(listenerCreated(), listenerDeleted()), [])
  })
})

describe('routerConfig: connectors', () => {
  const connectors = (...events: readonly EventInput[]) => attributesOf('tcpConnector', ...events)
  const backend = { name: 'connector/backend', host: 'backend.internal', port: '8080', address: 'backend' }
  const { host: _, ...withoutHost } = connectorSpec()
  const selecting = { ...withoutHost, selector: 'app=backend' }

  it('adds a tcpConnector', () => {
    assert.deepEqual(connectors(connectorCreated()), [backend])
    const secured = { tlsCredentials: 'certs', useClientCert: true }
    assert.deepEqual(connectors(siteCreated(), connectorCreated(secured)), [
      { ...backend, siteId: 'site-uid', sslProfile: 'certs' },
    ])
  })

  it('has verifyHostname only if it is false', () => {
    assert.deepEqual(connectors(connectorCreated({ verifyHostname: false })), [{ ...backend, verifyHostname: false }])
  })

  it('applies each change', () => {
    const changed = connectorUpdated(2, connectorSpec(), connectorSpec({ routingKey: 'api', port: 9090 }))
    assert.deepEqual(connectors(connectorCreated(), changed), [{ ...backend, address: 'api', port: '9090' }])
  })

  it('omits connectors with a selector', () => {
    const toSelector = connectorUpdated(2, connectorSpec(), selecting)
    const toHost = connectorUpdated(3, selecting, connectorSpec())
    assert.deepEqual(connectors(connectorCreated(), toSelector), [])
    assert.deepEqual(connectors(connectorCreated(), toSelector, toHost), [backend])
  })

  it('omits connectors of another type than tcp', () => {
    assert.deepEqual(connectors(connectorCreated({ type: 'udp' })), [])
  })

  it('removes it after its deletion', () => {
    assert.deepEqual(connectors(connectorCreated(), connectorDeleted()), [])
  })
})

describe('routerConfig: TLS credentials', () => {
  const profiles = (...events: readonly EventInput[]) => attributesOf('sslProfile', ...events)
  const certs = { tlsCredentials: 'certs' }
  const clientCert = { ...certs, useClientCert: true }
  const other = { name: 'other' }
  const profile = {
    name: 'certs',
    caCertFile: '/etc/skupper-router-certs/certs/ca.crt',
    certFile: '/etc/skupper-router-certs/certs/tls.crt',
    privateKeyFile: '/etc/skupper-router-certs/certs/tls.key',
  }

  it('adds one sslProfile for all users of a bundle', () => {
    assert.deepEqual(profiles(listenerCreated(certs), listenerCreated(certs, other), connectorCreated(clientCert)), [
      profile,
    ])
  })

  it('sets no siteId for an sslProfile', () => {
    assert.deepEqual(profiles(listenerCreated(certs), siteCreated()), [profile])
  })

  it('removes an sslProfile once nothing uses it', () => {
    const users = [listenerCreated(certs), connectorCreated(clientCert)]
    assert.deepEqual(profiles(...users, listenerDeleted()), [profile])
    assert.deepEqual(profiles(...users, connectorDeleted()), [profile])
    assert.deepEqual(profiles(...users, listenerDeleted(), connectorDeleted()), [])
  })

  it('adds an sslProfile again for its next user', () => {
    assert.deepEqual(profiles(listenerCreated(certs), listenerDeleted(), connectorCreated(clientCert)), [profile])
  })

  describe('of a connector without a client certificate', () => {
    const authorities = { name: 'certs-profile', caCertFile: '/etc/skupper-router-certs/certs/ca.crt' }
    const profileOf = (...events: readonly EventInput[]) =>
      attributesOf('tcpConnector', ...events).map(attributes => (attributes as { sslProfile?: string }).sslProfile)

    it('have a profile with the CA certificate alone', () => {
      assert.deepEqual(profiles(connectorCreated(certs)), [authorities])
      assert.deepEqual(profileOf(connectorCreated(certs)), ['certs-profile'])
    })

    it('have a profile beside that of the whole bundle, each while it is used', () => {
      const both = [listenerCreated(certs), connectorCreated(certs)]
      assert.deepEqual(profiles(...both), [profile, authorities])
      assert.deepEqual(profiles(...both, connectorDeleted()), [profile])
      assert.deepEqual(profiles(...both, listenerDeleted()), [authorities])
    })

    it('use the whole bundle once the connector presents its certificate', () => {
      const [before, after] = [connectorSpec(certs), connectorSpec(clientCert)]
      const changed = connectorUpdated(2, before, after)
      assert.deepEqual(profiles(connectorCreated(certs), changed), [profile])
      assert.deepEqual(profiles(connectorCreated(certs), changed, connectorUpdated(3, after, before)), [authorities])
    })

    describe('and a bundle with the name of their profile', () => {
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

      it('have two profiles, in any order of events', () => {
        for (const events of [
          [namesake, connectorCreated(certs), second],
          [connectorCreated(certs), namesake, second],
          [connectorCreated(certs), second, namesake],
        ]) {
          assert.deepEqual(profiles(...events), [ofNamesake, aside])
          assert.deepEqual(profileOf(...events), ['certs_profile', 'certs_profile'])
        }
      })

      it('take the usual name once it is free', () => {
        const freed = [connectorCreated(certs), namesake, second, listenerDeleted()]
        assert.deepEqual(profiles(...freed), [authorities])
        assert.deepEqual(profileOf(...freed), ['certs-profile', 'certs-profile'])
      })

      it('take the usual name when the connector itself frees it', () => {
        const [before, after] = [
          connectorSpec({ tlsCredentials: 'certs-profile', useClientCert: true }),
          connectorSpec(certs),
        ]
        assert.deepEqual(profileOf(connectorCreated(before), connectorUpdated(2, before, after)), ['certs-profile'])
        assert.deepEqual(profiles(connectorCreated(before), connectorUpdated(2, before, after)), [authorities])
      })
    })
  })

  describe('with RouterCertificatesConfigured', () => {
    const moved = { ...profile, caCertFile: '/run/certs/certs/ca.crt', certFile: '/run/certs/certs/tls.crt' }
    const expected = [{ ...moved, privateKeyFile: '/run/certs/certs/tls.key' }]

    it('use the folder, in any order of events', () => {
      assert.deepEqual(profiles(certificatesConfigured('/run/certs'), listenerCreated(certs)), expected)
      assert.deepEqual(profiles(listenerCreated(certs), certificatesConfigured('/run/certs')), expected)
    })

    it('keep the folder of other namespaces', () => {
      assert.deepEqual(profiles(listenerCreated(certs), certificatesConfigured('/run/certs', { namespace: 'east' })), [
        profile,
      ])
    })

    it('keep the CA certificate alone if only that is used', () => {
      assert.deepEqual(profiles(connectorCreated(certs), certificatesConfigured('/run/certs')), [
        { name: 'certs-profile', caCertFile: '/run/certs/certs/ca.crt' },
      ])
    })
  })

  it('are omitted for omitted listeners and connectors', () => {
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
