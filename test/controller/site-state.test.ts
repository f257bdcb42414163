import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { connectorStatus } from '../../projections/connector-status.ts'
import { listenerStatus } from '../../projections/listener-status.ts'
import { multiKeyListenerStatus } from '../../projections/multi-key-listener-status.ts'
import { routerConfig } from '../../projections/router-config/router-config.ts'
import { sites } from '../../projections/sites.ts'
import { DEFAULT_CERTIFICATES } from '../../schemas/router-entities.ts'
import { createSiteState, type SiteChange } from '../../src/controller/site-state.ts'
import type { LiveReadModels } from '../../src/engine/engine.ts'
import type { Projected } from '../../src/engine/read-models/projector.ts'
import {
  connectorCreated,
  listenerCreated,
  listenerDeleted,
  siteCreated,
  siteRenamed,
} from '../support/domain/event-builders.ts'
import { type EventInput, recorded, tablesAfter } from '../support/projections/recorded.ts'

const MODELS = { listenerStatus, connectorStatus, multiKeyListenerStatus, routerConfig, sites }

/** The state of `west` after these events, and what it reports of a later one. */
const stateAfter = (...events: readonly EventInput[]) => {
  const observers: ((projected: Projected) => void)[] = []
  const swapObservers: (() => void)[] = []
  const observe = <Observer>(all: Observer[], observer: Observer) => {
    all.push(observer)
    return () => void all.splice(all.indexOf(observer), 1)
  }
  const serving = Object.fromEntries(
    Object.entries(MODELS).map(([name, projection]) => [name, { tables: tablesAfter(projection as never, ...events) }]),
  )
  const models = {
    serving,
    onProjected: (observer: (projected: Projected) => void) => observe(observers, observer),
    onSwap: (observer: () => void) => observe(swapObservers, observer),
  } as unknown as LiveReadModels
  const project = (event: EventInput): void => {
    const next = recorded([...events, event]).at(-1)
    const changes = Object.fromEntries(
      Object.entries(MODELS).map(([name, projection]) => [
        name,
        projection.project(serving[name]?.tables as never, next as never),
      ]),
    )
    for (const observer of [...observers]) observer({ event: next, changes } as unknown as Projected)
  }
  const swap = () => {
    for (const observer of [...swapObservers]) observer()
  }
  return { site: createSiteState('west', models), project, swap, observers, swapObservers }
}

const EAST = { namespace: 'east', uid: 'uid-east' }
const SECURE = { tlsCredentials: 'tls' }

describe('SiteState', () => {
  it('contains what is of its namespace only', () => {
    const { site } = stateAfter(
      listenerCreated(),
      listenerCreated({}, EAST),
      connectorCreated({}, { name: 'workload', uid: 'uid-2' }),
      connectorCreated({}, { ...EAST, name: 'workload' }),
      siteCreated(),
      { type: 'RouterAttached', data: { namespace: 'west', url: 'amqp://router' } },
    )
    const namespaces = (rows: Iterable<{ readonly namespace: string }>) => Array.from(rows, row => row.namespace)
    assert.deepEqual(namespaces(site.rows('Listener')), ['west'])
    assert.deepEqual(namespaces(site.matching('connector', 'backend').map(({ row }) => row)), ['west'])
    assert.deepEqual(namespaces(site.rows('Connector')), ['west'])
    assert.deepEqual(namespaces(site.matching('listener', 'backend').map(({ row }) => row)), ['west'])
    assert.equal(site.row('Listener', 'backend')?.uid, 'uid-1')
    assert.equal(site.row('Connector', 'workload')?.uid, 'uid-2')
    assert.deepEqual(
      site.desired().map(({ type, name }) => `${type} ${name}`),
      ['tcpListener listener/backend', 'tcpConnector connector/workload'],
    )
  })

  it('leaves the former name of a site to an endpoint until its router is identified', () => {
    const { site } = stateAfter(siteCreated({}, { name: 'former' }), siteRenamed('former', 'present'))
    assert.equal(site.siteOf({ site: 'former', router: undefined }), 'former')
  })

  it('finds an entity by its type and name', () => {
    const { site } = stateAfter(listenerCreated(SECURE), connectorCreated())
    for (const { type, name } of site.desired()) assert.equal(site.desiredEntity(type, name)?.name, name)
    assert.equal(site.desired()[0]?.type, 'sslProfile')
    assert.equal(site.desiredEntity('tcpConnector', 'connector/other'), undefined)
    assert.equal(site.desiredEntity('tcpListener', 'listener/other'), undefined)
    assert.equal(site.desiredEntity('sslProfile', 'other'), undefined)
  })

  it('does not take the entity of another owner for its own', () => {
    const { site } = stateAfter(listenerCreated(), connectorCreated())
    for (const type of ['tcpListener', 'tcpConnector'] as const) {
      assert.equal(site.desiredEntity(type, 'backend'), undefined)
      assert.equal(site.desiredEntity(type, 'other/backend'), undefined)
    }
    assert.equal(site.desiredEntity('tcpListener', 'connector/backend'), undefined)
    assert.equal(site.desiredEntity('tcpConnector', 'listener/backend'), undefined)
  })

  it('returns the bundle of a profile, and that it is retired once nothing uses it', () => {
    const using = stateAfter(listenerCreated(SECURE)).site
    const profile = using.desired().find(({ type }) => type === 'sslProfile')?.name as string
    assert.equal(using.bundleOf(profile), 'tls')
    assert.equal(using.isRetiredProfile(profile), false)
    const used = stateAfter(listenerCreated(SECURE), listenerDeleted()).site
    assert.equal(used.bundleOf(profile), undefined)
    assert.equal(used.isRetiredProfile(profile), true)
    assert.equal(used.isRetiredProfile('other'), false)
  })

  it('has the folder of certificates that was configured, or the default', () => {
    assert.equal(stateAfter().site.certificates(), DEFAULT_CERTIFICATES)
    const configured = { type: 'RouterCertificatesConfigured', data: { namespace: 'west', folder: '/certs' } } as const
    assert.equal(stateAfter(configured).site.certificates(), '/certs')
  })

  it('reports changes of its namespace until the subscription ends, and rebuilt read models', () => {
    const { site, project, swap, observers, swapObservers } = stateAfter()
    const changes: (SiteChange | 'everything')[] = []
    const end = site.onChange(
      change => changes.push(change),
      error => assert.fail(String(error)),
    )
    project(listenerCreated({}, EAST))
    project(listenerCreated())
    project(connectorCreated())
    swap()
    end()
    project(listenerCreated())
    assert.deepEqual(changes, [
      {
        entities: [{ type: 'tcpListener', name: 'listener/backend' }],
        resources: [{ kind: 'Listener', name: 'backend' }],
      },
      {
        entities: [{ type: 'tcpConnector', name: 'connector/backend' }],
        resources: [{ kind: 'Connector', name: 'backend' }],
      },
      'everything',
    ])
    assert.deepEqual([observers, swapObservers], [[], []])
  })
})
